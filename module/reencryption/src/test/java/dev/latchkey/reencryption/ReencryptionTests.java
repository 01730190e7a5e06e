package dev.latchkey.reencryption;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.reencryption.Ciphertexts.Replacement;
import dev.latchkey.reencryption.Reencryption.KeyCounts;
import dev.latchkey.test.internal.RotatingKeyset;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ReencryptionTests {

  private final RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
  private final Shelf shelf = new Shelf();

  private final Reencryption<Integer> reencryption =
      Reencryption.of(keyset.reencryptor(), shelf.ciphertexts()).withBatch(10);

  @Test
  void changesOnlyOldCiphertextsWhenRun() throws Exception {
    long first = keyset.primaryKeyId();
    fill(1, 25);
    keyset.rotate();
    fill(26, 40);
    byte[] current = shelf.contents.get(30);

    Progress<Integer> end = reencryption.run();

    assertThat(end.complete()).isTrue();
    assertThat(end.read()).isEqualTo(40);
    assertThat(end.reencrypted()).isEqualTo(25);
    assertThat(end.current()).isEqualTo(15);
    assertThat(end.found()).isEqualTo(Map.of(first, 25L, keyset.primaryKeyId(), 15L));
    assertThat(end.position()).isEqualTo(40);
    assertThat(shelf.contents.get(30)).isSameAs(current);
    assertThatAllIsUnderThePrimaryKeyAndWhatItWas(40);
  }

  @Test
  void reportsAPositionToResumeFromWhenABatchIsDone() throws Exception {
    fill(1, 35);
    keyset.rotate();
    List<Integer> positions = new ArrayList<>();

    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                reencryption
                    .onProgress(
                        progress -> {
                          assertThat(progress.complete()).isFalse();
                          positions.add(progress.position());
                          if (progress.read() == 20) {
                            throw new IllegalStateException("the power fails");
                          }
                        })
                    .run());
    Progress<Integer> rest =
        reencryption
            .onProgress(progress -> positions.add(progress.position()))
            .startingAfter(20)
            .run();

    assertThat(positions).containsExactly(10, 20, 30, 35);
    assertThat(rest.read()).isEqualTo(15);
    assertThat(shelf.asked).containsExactly(null, 20);
    assertThatAllIsUnderThePrimaryKeyAndWhatItWas(35);
  }

  @Test
  void isIncompleteWhenInterrupted() throws Exception {
    fill(1, 35);
    keyset.rotate();

    Progress<Integer> end =
        reencryption.onProgress(progress -> Thread.currentThread().interrupt()).run();

    assertThat(Thread.interrupted()).isTrue();
    assertThat(end.complete()).isFalse();
    assertThat(end.position()).isEqualTo(10);
    assertThat(end.reencrypted()).isEqualTo(10);
    assertThat(reencryption.startingAfter(end.position()).run().complete()).isTrue();
    assertThatAllIsUnderThePrimaryKeyAndWhatItWas(35);
  }

  @Test
  void readsNothingMoreWhenInterrupted() throws Exception {
    fill(1, 35);

    reencryption.onProgress(progress -> Thread.currentThread().interrupt()).run();
    assertThat(shelf.read).hasSize(10);
    Progress<Integer> end = reencryption.run(); // interrupted from the start

    assertThat(Thread.interrupted()).isTrue();
    assertThat(shelf.read).hasSize(10);
    assertThat(end.complete()).isFalse();
    assertThat(end.position()).isNull();
  }

  @Test
  void changesNothingWhenANewerInstanceReencryptedIt() throws Exception {
    fill(1, 12);
    keyset.rotate();
    KeysetRegistry behind = keyset.behind();
    keyset.rotate();
    reencryption.run();
    Map<Integer, byte[]> renewed = Map.copyOf(shelf.contents);

    Progress<Integer> end =
        Reencryption.of(behind.reencryptor("orders"), shelf.ciphertexts()).run();

    assertThat(end.current()).isEqualTo(12);
    assertThat(shelf.contents).isEqualTo(renewed);
  }

  @Test
  void overwritesNothingWhenARowChangedInTheMeantime() throws Exception {
    fill(1, 12);
    keyset.rotate();
    byte[] theirs = keyset.aead().encrypt("theirs".getBytes(UTF_8), new byte[0]);
    shelf.beforeWrite = () -> shelf.contents.put(5, theirs);

    Progress<Integer> end = reencryption.run();

    assertThat(end.overtaken()).isEqualTo(1);
    assertThat(end.reencrypted()).isEqualTo(11);
    assertThat(shelf.contents.get(5)).isSameAs(theirs);
  }

  @Test
  void skipsACiphertextWhenItNoLongerExists() throws Exception {
    fill(1, 12);
    keyset.rotate();
    shelf.beforeWrite = () -> shelf.contents.keySet().removeIf(id -> id > 10);

    Progress<Integer> end = reencryption.run();

    assertThat(end.read()).isEqualTo(10);
    assertThat(end.complete()).isTrue();
  }

  @Test
  void usesTheNewPrimaryKeyWhenTheKeysetRotatesDuringARun() throws Exception {
    fill(1, 20);
    keyset.rotate();

    reencryption.onProgress(progress -> keyset.rotate()).run();

    assertThat(keyset.reencryptor().keyId(shelf.contents.get(1)))
        .isNotEqualTo(keyset.reencryptor().keyId(shelf.contents.get(11)));
    assertThat(reencryption.run().reencrypted()).isEqualTo(20);
    assertThatAllIsUnderThePrimaryKeyAndWhatItWas(20);
  }

  @Test
  void logsTheFirstFailuresWhenCiphertextsDoNotDecrypt() throws Exception {
    fill(1, 30);
    for (int id = 2; id <= 30; id += 2) {
      shelf.contents.get(id)[20] ^= 1;
    }
    byte[] damaged = shelf.contents.get(2).clone();
    keyset.rotate();
    ListAppender<ILoggingEvent> log = new ListAppender<>();
    log.start();
    Logger logger = (Logger) LoggerFactory.getLogger(Reencryption.class);
    logger.addAppender(log);

    Progress<Integer> end = reencryption.run();

    logger.detachAppender(log);
    assertThat(end.failed()).isEqualTo(15);
    assertThat(end.reencrypted()).isEqualTo(15);
    assertThat(shelf.contents.get(2)).isEqualTo(damaged);
    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .hasSize(11)
        .startsWith(
            "Cannot decrypt 2 of the jars on the shelf with keyset orders and its associated data;"
                + " left unchanged")
        .endsWith(
            "Re-encryption of the jars on the shelf with keyset orders, done: 30 read, 15"
                + " re-encrypted, 0 changed in the meantime, 15 not decrypted");
  }

  @Test
  void countsByKeyWhenAsked() throws Exception {
    long first = keyset.primaryKeyId();
    fill(1, 3);
    keyset.rotate();
    fill(4, 8);
    shelf.contents.put(9, "in the clear".getBytes(UTF_8));

    KeyCounts counted = reencryption.countByKey();

    assertThat(counted.counts()).isEqualTo(Map.of(first, 3L, keyset.primaryKeyId(), 5L));
    assertThat(counted.of(first)).isEqualTo(3);
    assertThat(counted.of(1)).isZero();
    assertThat(counted.unknown()).isEqualTo(1);
  }

  @Test
  void countsReferencesWhenAKeyIsToBeDestroyed() throws Exception {
    long first = keyset.primaryKeyId();
    fill(1, 3);
    keyset.rotate();

    assertThat(reencryption.what()).isEqualTo("jars on the shelf");
    assertThat(reencryption.count(RotatingKeyset.ID, first)).isEqualTo(3);
    assertThat(reencryption.count(RotatingKeyset.ID, keyset.primaryKeyId())).isZero();
    assertThat(reencryption.count(new KeysetId("shop", "receipts"), first)).isZero();
    reencryption.run();
    assertThat(reencryption.count(RotatingKeyset.ID, first)).isZero();
  }

  @Test
  void countsReferencesWhenTheKeyIsDisabled() throws Exception {
    long first = keyset.primaryKeyId();
    fill(1, 3);
    keyset.rotate();
    keyset.edit(editor -> editor.bring(first, KeyState.DISABLED));

    assertThat(reencryption.count(RotatingKeyset.ID, first)).isEqualTo(3);
    assertThat(reencryption.run().failed()).isEqualTo(3);
  }

  @Test
  void countsEverythingWithoutAnIdWhenTheKeyHasNone() throws Exception {
    RotatingKeyset mixed = new RotatingKeyset("AES256_GCM_RAW");
    long raw = mixed.primaryKeyId();
    shelf.contents.put(1, mixed.aead().encrypt(new byte[1], new byte[0]));
    mixed.rotate("AES256_GCM");
    mixed.rotate("AES256_GCM");
    shelf.contents.put(2, mixed.aead().encrypt(new byte[1], new byte[0]));
    Reencryption<Integer> ofMixed = Reencryption.of(mixed.reencryptor(), shelf.ciphertexts());

    assertThat(ofMixed.count(RotatingKeyset.ID, raw)).isEqualTo(1);
    ofMixed.run();
    assertThat(ofMixed.count(RotatingKeyset.ID, raw)).isZero();
  }

  @Test
  void namesTheCiphertextWhenItCannotBeReadOrWritten() throws Exception {
    fill(1, 3);
    keyset.rotate();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> broken("ids").run())
        .withMessage("The IDs of the jars cannot be read");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> broken("read").run())
        .withMessage("1 of the jars cannot be read");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> broken("write").run())
        .withMessage("1 of the jars cannot be written")
        .withCauseInstanceOf(IOException.class)
        .satisfies(ex -> assertThat(ex.action()).contains("last reported position"));
  }

  private Reencryption<Integer> broken(String part) {
    Iterator<Integer> one = List.of(1).iterator();
    byte[] bytes = shelf.contents.getOrDefault(1, new byte[0]);
    return Reencryption.of(
        keyset.reencryptor(),
        Ciphertexts.of(
            "jars",
            position -> failIf(part.equals("ids"), one),
            id -> failIf(part.equals("read"), new Ciphertext<>(id, bytes, new byte[0])),
            (id, old, renewed) -> failIf(part.equals("write"), true)));
  }

  private static <T> T failIf(boolean broken, T otherwise) throws IOException {
    if (broken) {
      throw new IOException("the shelf fell down");
    }
    return otherwise;
  }

  @Test
  void failsWhenTheBatchIsEmpty() {
    assertThatIllegalArgumentException().isThrownBy(() -> reencryption.withBatch(0));
  }

  @Test
  void containsNoBytesWhenPrinted() {
    Ciphertext<Integer> ciphertext = new Ciphertext<>(7, new byte[] {42, 43}, new byte[] {44});

    assertThat(ciphertext).hasToString("Ciphertext[7, 2 bytes]");
    assertThat(new Replacement<>(ciphertext, new byte[] {45})).hasToString("Replacement[7]");
    assertThat(reencryption).hasToString("Reencryption[jars on the shelf of keyset orders]");
  }

  private void fill(int from, int to) throws GeneralSecurityException {
    for (int id : IntStream.rangeClosed(from, to).toArray()) {
      shelf.contents.put(id, keyset.aead().encrypt(text(id), new byte[0]));
    }
  }

  private static byte[] text(int id) {
    return ("jar " + id).getBytes(UTF_8);
  }

  private void assertThatAllIsUnderThePrimaryKeyAndWhatItWas(int count) throws Exception {
    assertThat(shelf.contents).hasSize(count);
    for (Map.Entry<Integer, byte[]> each : shelf.contents.entrySet()) {
      assertThat(keyset.reencryptor().usesPrimaryKey(each.getValue())).isTrue();
      assertThat(keyset.aead().decrypt(each.getValue(), new byte[0]))
          .isEqualTo(text(each.getKey()));
    }
  }
}
