package dev.latchkey.key.live.internal;

import static dev.latchkey.key.live.internal.RoundTrip.DATA;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.prf.PrfSet;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeyIds;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.MethodSource;

class LiveKeysetTests {

  /** All but those whose keys take seconds to make, or that the JDK alone cannot use. */
  static Stream<String> templates() {
    return KeysetTemplate.names().stream()
        .filter(name -> !name.contains("4096") && !KeysetTemplate.of(name).needsProvider());
  }

  @ParameterizedTest
  @MethodSource("templates")
  void everyPrimitiveUnderstandsItselfBeforeAndAfterASwap(String name) throws Exception {
    KeysetTemplate template = KeysetTemplate.of(name);
    KeysetHandle first = generate(name);
    LiveKeyset keyset = liveKeyset(template.family());
    keyset.swap(first, KeyIds.NONE);
    List<RoundTrip> started = new ArrayList<>(RoundTrip.start(template.family(), keyset));

    keyset.swap(withNewPrimary(first, name), KeyIds.NONE);

    started.addAll(RoundTrip.start(template.family(), keyset));
    for (RoundTrip roundTrip : started) {
      roundTrip.open();
    }
  }

  /** Which is a process that missed a rotation; what carries no key id cannot ask. */
  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"STREAMING_AEAD", "PRF"})
  void asksOnceForAKeyThatItLacksAndCountsWhatItProcesses(PrimitiveFamily family) throws Exception {
    KeysetHandle before = generate(family.example());
    KeysetHandle rotated = withNewPrimary(before, family.example());
    long active = Integer.toUnsignedLong(rotated.getPrimary().getId());
    AtomicInteger asked = new AtomicInteger();
    AtomicReference<LiveKeyset> late = new AtomicReference<>();
    LiveKeyset keyset =
        new LiveKeyset(
            family,
            family.interfaces(),
            () -> {
              asked.incrementAndGet();
              late.get().swap(rotated, KeyIds.NONE);
              return true;
            },
            id -> {});
    late.set(keyset);
    keyset.swap(rotated, KeyIds.NONE);
    List<RoundTrip> made = RoundTrip.start(family, keyset);
    RoundTrip last = made.get(made.size() - 1); // of MACs, the one that is not in chunks
    keyset.swap(before, KeyIds.NONE);

    last.open();
    assertThat(asked).hasValue(1);
    assertThat(keyset.usage().usage().get(active).processedCount()).isZero();

    last.open();
    assertThat(asked).hasValue(1);
    assertThat(keyset.usage().usage().get(active).processedCount()).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource
  void acceptsOutputOfACompromisedKeyUnlessConfiguredOtherwise(PrimitiveFamily family)
      throws Exception {
    KeysetTemplate template = KeysetTemplate.of(family.example());
    KeysetSnapshot first =
        KeysetSnapshot.of(
            KeysetEditor.create(new KeysetId("shop", "orders"), template, Duration.ZERO)
                .draft(false),
            1,
            Instant.EPOCH);
    LiveKeyset keyset = liveKeyset(family);
    keyset.swap(first.handle(), KeyIds.NONE);
    List<RoundTrip> made = RoundTrip.start(family, keyset);
    RoundTrip last = made.get(made.size() - 1); // of PRFs, the one that looks for its key again
    long active = first.metadata().active().id();
    KeysetSnapshot next =
        KeysetSnapshot.of(
            KeysetEditor.of(first).promoteSpare().draft(false), 2, Instant.EPOCH.plusSeconds(1));

    keyset.swap(
        KeysetEditor.of(next).bring(active, KeyState.COMPROMISED).draft(false).handle(),
        KeyIds.NONE);
    last.open();

    keyset.swap(
        KeysetEditor.of(next).bring(active, KeyState.COMPROMISED).draft(true).handle(),
        KeyIds.NONE);
    assertThatException().isThrownBy(last::open);
  }

  @ParameterizedTest
  @EnumSource
  void countsEachUseThatProtectsSomething(PrimitiveFamily family) throws Exception {
    LiveKeyset keyset = liveKeyset(family);
    KeysetHandle keys = generate(family.example());
    keyset.swap(keys, KeyIds.NONE);

    RoundTrip.start(family, keyset);

    boolean twoWays = family == PrimitiveFamily.STREAMING_AEAD || family == PrimitiveFamily.MAC;
    assertThat(keyset.usage().protectedCount(Integer.toUnsignedLong(keys.getPrimary().getId())))
        .isEqualTo(twoWays ? 2 : 1);
  }

  @ParameterizedTest
  @EnumSource
  void givesTheSameObjectForEachInterfaceEachTime(PrimitiveFamily family) {
    LiveKeyset keyset = liveKeyset(family);
    for (Class<?> type : family.interfaces()) {
      assertThat(keyset.primitive(type)).isInstanceOf(type).isSameAs(keyset.primitive(type));
    }
  }

  @ParameterizedTest
  @EnumSource
  void refusesEveryCallUntilAKeysetIsThere(PrimitiveFamily family) {
    assertThatIllegalStateException()
        .isThrownBy(() -> RoundTrip.start(family, liveKeyset(family)))
        .withMessageContaining("not loaded yet");
  }

  @Test
  void namesThePrimitivesThereAreWhenAskedForAnother() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> liveKeyset(PrimitiveFamily.SIGNATURE).primitive(Aead.class))
        .withMessage("A keyset of this template does not provide Aead")
        .satisfies(
            ex ->
                assertThat(ex.action()).contains("It provides PublicKeySign and PublicKeyVerify"));
  }

  @Test
  void keepsTheKeysetItHasWhenTheNextIsOfAnotherFamily() throws Exception {
    LiveKeyset keyset = liveKeyset(PrimitiveFamily.AEAD);
    keyset.swap(generate("AES256_GCM"), KeyIds.NONE);
    List<RoundTrip> started = RoundTrip.start(PrimitiveFamily.AEAD, keyset);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> keyset.swap(generate("HMAC_SHA256_256BITTAG"), KeyIds.NONE))
        .withMessage("A keyset that must provide Aead holds keys of another kind");

    started.get(0).open();
  }

  @Test
  void noCallFailsWhileSuccessorsAreSwappedIn() throws Exception {
    List<KeysetHandle> successors = new ArrayList<>(List.of(generate("HMAC_SHA256_256BITTAG")));
    while (successors.size() < 100) {
      successors.add(
          withNewPrimary(successors.get(successors.size() - 1), "HMAC_SHA256_256BITTAG"));
    }
    LiveKeyset keyset = liveKeyset(PrimitiveFamily.MAC);
    keyset.swap(successors.get(0), KeyIds.NONE);
    Mac mac = keyset.primitive(Mac.class);
    ChunkedMac chunked = keyset.primitive(ChunkedMac.class);

    whileSwapping(
        keyset,
        successors,
        () -> {
          RoundTrip.verify(chunked, mac.computeMac(DATA));
          mac.verifyMac(RoundTrip.compute(chunked), DATA);
        });
  }

  @Test
  void computesWithTheKeysOfOneKeysetWhileSwapped() throws Exception {
    List<KeysetHandle> keysets = new ArrayList<>();
    List<byte[]> outputs = new ArrayList<>();
    for (KeysetHandle handle : List.of(generate("AES_CMAC_PRF"), generate("AES_CMAC_PRF"))) {
      keysets.addAll(Collections.nCopies(5000, handle));
      outputs.add(
          handle.getPrimitive(RegistryConfiguration.get(), PrfSet.class).computePrimary(DATA, 16));
    }
    Collections.shuffle(keysets);
    LiveKeyset keyset = liveKeyset(PrimitiveFamily.PRF);
    keyset.swap(keysets.get(0), KeyIds.NONE);
    PrfSet prfs = keyset.primitive(PrfSet.class);

    whileSwapping(
        keyset, keysets, () -> assertThat(outputs).contains(prfs.computePrimary(DATA, 16)));
  }

  /** Swaps again and again on a thread of its own, and calls meanwhile on this one. */
  private static void whileSwapping(LiveKeyset keyset, List<KeysetHandle> next, RoundTrip call)
      throws Exception {
    CountDownLatch called = new CountDownLatch(1);
    FutureTask<Void> swaps =
        new FutureTask<>(
            () -> {
              called.await();
              next.forEach(each -> keyset.swap(each, KeyIds.NONE));
              return null;
            });
    new Thread(swaps, "swaps").start();
    do {
      call.open();
      called.countDown();
    } while (!swaps.isDone());
    swaps.get();
    call.open();
  }

  private static LiveKeyset liveKeyset(PrimitiveFamily family) {
    return new LiveKeyset(family, family.interfaces(), () -> false, id -> {});
  }

  private static KeysetHandle generate(String template) throws GeneralSecurityException {
    return KeysetHandle.generateNew(TinkKeys.parameters(KeysetTemplate.of(template)));
  }

  private static KeysetHandle withNewPrimary(KeysetHandle keyset, String template)
      throws GeneralSecurityException {
    return KeysetHandle.newBuilder(keyset)
        .addEntry(
            KeysetHandle.generateEntryFromParameters(
                    TinkKeys.parameters(KeysetTemplate.of(template)))
                .withRandomId()
                .makePrimary())
        .build();
  }
}
