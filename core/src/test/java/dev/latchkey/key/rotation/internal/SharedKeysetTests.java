package dev.latchkey.key.rotation.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.proto.KeyStatusType;
import com.google.crypto.tink.proto.Keyset;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * One keyset in the hands of its owner, of one who reads it, and of one who has its public half.
 */
class SharedKeysetTests {

  private static final KeysetId INVOICES = new KeysetId("billing", "invoices");
  private static final KeysetTemplate ED25519 = KeysetTemplate.of("ED25519");
  private static final KeysetTemplate HYBRID =
      KeysetTemplate.of("DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration LOOK = Duration.ofMinutes(10);
  private static final Map<String, String> AHEAD =
      Map.of(
          "\"source\":1", "\"source\":9000000000000000000",
          "\"operation\"", "\"restores\":9000000000000000000,\"operation\"");
  private static final byte[] TEXT = "text".getBytes(UTF_8);

  private final MutableClock clock = new MutableClock(START);
  private final Versions documents = new Versions("");
  private final Versions publicDocuments = new Versions(".public");
  private final MemoryKeyEncryptionKeys keyEncryptionKeys = new MemoryKeyEncryptionKeys();

  @Test
  void publicUserVerifiesWhatTheOwnerSignsAcrossRotations() throws Exception {
    Instance owner = owner(ED25519).opened();
    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();
    List<byte[]> signatures = new ArrayList<>();
    for (int rotation = 0; rotation < 5; rotation++) {
      signatures.add(owner.primitive(PublicKeySign.class).sign(TEXT));
      for (byte[] signature : signatures) {
        user.primitive(PublicKeyVerify.class).verify(signature, TEXT);
      }
      clock.advance(DAY);
      owner.rotator.perform(KeyAction.ROTATE, null, false);
      // not refreshed yet: it knows the key that is in use now since it was a spare
      user.primitive(PublicKeyVerify.class)
          .verify(owner.primitive(PublicKeySign.class).sign(TEXT), TEXT);
      user.rotator.refresh();
    }
    assertThat(user.registry.snapshot("invoices").metadata().keys()).hasSize(7);
  }

  @Test
  void readerDecryptsWhatAPublicUserEncrypts() throws Exception {
    Instance owner = owner(HYBRID).opened();
    Instance reader = foreign(HYBRID, KeysetAccess.READ).opened();
    Instance user = foreign(HYBRID, KeysetAccess.PUBLIC).opened();
    clock.advance(DAY);
    owner.rotator.perform(KeyAction.ROTATE, null, false);
    user.rotator.refresh(); // before the reader
    byte[] ciphertext = user.primitive(HybridEncrypt.class).encrypt(TEXT, null);

    assertThat(reader.primitive(HybridDecrypt.class).decrypt(ciphertext, null)).isEqualTo(TEXT);
    assertThat(user.rotator.status().usage().get(active(user)).protectedCount()).isEqualTo(1);
  }

  @Test
  void publicUserHasNothingThatNeedsAPrivateKey() {
    owner(ED25519).opened();
    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> user.primitive(PublicKeySign.class))
        .satisfies(ex -> assertThat(ex.action()).startsWith("It provides PublicKeyVerify:"));
  }

  @Test
  void neitherMakesNorRotatesWhatAnotherOwns() {
    for (KeysetAccess access : List.of(KeysetAccess.READ, KeysetAccess.PUBLIC)) {
      Instance foreign = foreign(ED25519, access);
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(foreign::opened)
          .withMessage(
              "Keyset invoices of billing does not exist at memory/latchkey/billing/invoices"
                  + (access == KeysetAccess.PUBLIC ? ".public" : ""));
    }
    assertThat(documents.load(INVOICES)).isEmpty();
    assertThat(publicDocuments.load(INVOICES)).isEmpty();

    owner(ED25519).opened();
    clock.advance(Duration.ofDays(1000));
    for (KeysetAccess access : List.of(KeysetAccess.READ, KeysetAccess.PUBLIC)) {
      Instance foreign = foreign(ED25519, access).opened();
      foreign.rotator.refresh();
      foreign.rotator.shareUsage();
      assertThat(foreign.rotator.status().next())
          .isEqualTo(new NextStep(NextStep.Action.NONE, null, null, null));
      assertThat(foreign.rotator.status().problem()).isNull();
      for (KeyAction action : KeyAction.values()) {
        assertThatExceptionOfType(RotationRefusedException.class)
            .isThrownBy(() -> foreign.rotator.perform(action, 1L, true))
            .withMessage("Keyset invoices belongs to billing: this application only reads it");
      }
    }
    assertThat(documents.load(INVOICES).orElseThrow().generation()).isEqualTo(1);
    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(1);
  }

  @Test
  void refusesAnOwnerWhoPromotesBeforeThisApplicationKnowsTheKey() {
    owner(ED25519).opened();
    PropagationRule slow =
        new PropagationRule(Duration.ofDays(2), Duration.ZERO, Duration.ZERO, Duration.ZERO);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(foreign(ED25519, KeysetAccess.READ, slow)::opened)
        .withMessage(
            "Keyset invoices: its owner billing promotes keys PT24H after publishing them,"
                + " but must be at least PT48H = max(max-staleness PT48H + drain PT0S,"
                + " backup-interval PT0S) + clock-skew PT0S");
  }

  @Test
  void refusesATemplateWithOtherPrimitivesThanTheOwnersKeys() {
    owner(ED25519).opened();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(foreign(HYBRID, KeysetAccess.PUBLIC)::opened)
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo("Set the keyset's template to ED25519, as its owner does."));
  }

  @Test
  void spareCountsFromTheLaterOfBothWrites() {
    Instance owner = owner(ED25519).opened();
    clock.advance(DAY);
    publicDocuments.broken = true;
    owner.rotator.perform(KeyAction.ROTATE, null, false); // the spare is published here
    clock.advance(HOUR.multipliedBy(10));
    owner.rotator.refresh();
    assertThat(owner.rotator.status().problem()).contains("is out");
    assertThat(owner.rotator.status().next().blockedBy())
        .isEqualTo("the public half of the spare is not published yet");
    publicDocuments.broken = false;
    owner.rotator.refresh(); // and its public half only now
    assertThat(owner.rotator.status().problem()).isNull();

    Instant publicSince = clock.instant();
    clock.advance(HOUR.multipliedBy(20)); // 30 hours after the first write, 20 after the second
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> owner.rotator.perform(KeyAction.ROTATE, null, false))
        .satisfies(ex -> assertThat(ex.allowedFrom()).isEqualTo(publicSince.plus(DAY)));

    clock.advance(HOUR.multipliedBy(4));
    owner.rotator.perform(KeyAction.ROTATE, null, false);
  }

  @Test
  void endsAKeyAlthoughThePublicHalfOfTheSpareIsMissing() {
    Instance owner = owner(ED25519, policy().withEnd("rotation.", HOUR, null), true, true).opened();
    clock.advance(DAY);
    publicDocuments.broken = true;
    owner.rotator.perform(KeyAction.ROTATE, null, false);
    NextStep next = owner.rotator.status().next();
    assertThat(next.action()).isEqualTo(NextStep.Action.DISABLE);
    assertThat(next.blockedBy()).isNull();

    clock.advance(HOUR);
    owner.rotator.refresh();
    assertThat(owner.registry.snapshot("invoices").metadata().keys().get(0).state())
        .isEqualTo(KeyState.DISABLED);
  }

  @Test
  void anyInstancePublishesWhatAnotherDidNotComeTo() {
    Instance crashed = owner(ED25519).opened();
    clock.advance(DAY);
    publicDocuments.broken = true;
    crashed.rotator.perform(KeyAction.ROTATE, null, false);
    publicDocuments.broken = false;

    Instance other = owner(ED25519).opened();

    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();
    assertThat(active(user)).isEqualTo(active(other)).isEqualTo(active(crashed));
    other.rotator.refresh();
    crashed.rotator.refresh();
    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void readsThePublicHalfNowAndThenOnlyWhileItIsInOrder() {
    Instance owner = owner(ED25519).opened();
    documents.loads = 0;
    publicDocuments.loads = 0;

    for (int minute = 1; minute <= 60; minute++) {
      clock.advance(Duration.ofMinutes(1));
      owner.rotator.refresh();
    }
    assertThat(documents.loads).isEqualTo(60);
    assertThat(publicDocuments.loads).isEqualTo(6);

    clock.advance(LOOK.negated());
    owner.rotator.refresh();
    assertThat(publicDocuments.loads).as("when its clock was set back").isEqualTo(7);
  }

  @Test
  void readsRarelyWhenThereIsNoPublicHalfAndNoneIsCreated() {
    owner(ED25519, false, false).opened();
    Instance never = owner(ED25519, true, false).opened();
    publicDocuments.loads = 0;

    for (int minute = 1; minute <= 60; minute++) {
      clock.advance(Duration.ofMinutes(1));
      never.rotator.refresh();
    }

    assertThat(publicDocuments.loads).isEqualTo(6);
    assertThat(publicDocuments.load(INVOICES)).isEmpty();
  }

  @Test
  void readsThePublicHalfWhenTheKeysetIsNewToIt() {
    Instance owner = owner(ED25519).opened();
    Instance crashed = owner(ED25519).opened();
    clock.advance(DAY);
    owner.rotator.refresh();
    publicDocuments.broken = true;
    crashed.rotator.perform(KeyAction.ROTATE, null, false);
    publicDocuments.broken = false;

    owner.rotator.refresh();

    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void readsThePublicHalfBeforeItTakesAStep() {
    Instance owner = owner(ED25519).opened();
    long before = active(owner);
    clock.advance(Duration.ofDays(90).minusMinutes(1));
    owner.rotator.refresh();
    forge(half -> "garbage");
    owner.events.clear();
    clock.advance(Duration.ofMinutes(1));

    owner.rotator.refresh();

    assertThat(owner.events)
        .containsExactly(
            new RotationEvent.PublicHalfChanged(
                INVOICES, "memory/latchkey/billing/invoices.public"));
    assertThat(active(owner)).as("the spare was not public").isEqualTo(before);
    clock.advance(DAY);
    owner.rotator.refresh();
    assertThat(active(owner)).isNotEqualTo(before);
  }

  @Test
  void readsThePublicHalfAtEachRefreshUntilItIsInOrder() {
    Instance owner = owner(ED25519).opened();
    clock.advance(LOOK);
    publicDocuments.broken = true;
    for (int refresh = 1; refresh <= 3; refresh++) {
      owner.rotator.refresh();
      assertThat(owner.rotator.status().problem()).contains("is out");
    }
    publicDocuments.broken = false;

    owner.rotator.refresh();

    assertThat(owner.rotator.status().problem()).isNull();
    publicDocuments.loads = 0;
    owner.rotator.refresh();
    assertThat(publicDocuments.loads).isZero();
  }

  @Test
  void anInstanceThatIsBehindDoesNotPutThePublicHalfBack() {
    Instance one = owner(ED25519).opened();
    Instance behind = owner(ED25519).opened();
    clock.advance(DAY);
    one.rotator.perform(KeyAction.ROTATE, null, false);

    behind.rotator.publish(); // without having read what the other wrote

    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(2);
    assertThat(active(foreign(ED25519, KeysetAccess.PUBLIC).opened())).isEqualTo(active(one));
  }

  @Test
  void publishesNothingUnlessItMayCreate() {
    owner(ED25519, false, false).opened();
    assertThat(publicDocuments.load(INVOICES)).isEmpty();

    owner(ED25519, true, true).opened();
    Instance never = owner(ED25519, true, false).opened();
    clock.advance(DAY);
    never.rotator.perform(KeyAction.ROTATE, null, false);
    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(2);
  }

  @Test
  void publishesNoHalfOfSymmetricKeys() {
    owner(KeysetTemplate.of("AES256_GCM")).opened();
    assertThat(publicDocuments.load(INVOICES)).isEmpty();
  }

  @Test
  void repairsThePublicHalfAndPublishesAnEventWhenItWasChanged() {
    Instance owner = owner(ED25519).opened();
    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();
    forgePublicHalf();
    assertThat(active(foreign(ED25519, KeysetAccess.PUBLIC).opened())).isNotEqualTo(active(owner));

    user.rotator.refresh();
    assertThat(user.rotator.status().problem())
        .contains("does not follow", "DO NOT RESTART", "Ask the operators of billing, its owner");
    assertThat(active(user)).isEqualTo(active(owner));

    clock.advance(LOOK);
    owner.rotator.refresh();
    assertThat(owner.events)
        .contains(
            new RotationEvent.PublicHalfChanged(
                INVOICES, "memory/latchkey/billing/invoices.public"));
    user.rotator.refresh();
    assertThat(user.rotator.status().problem()).isNull();
    assertThat(active(foreign(ED25519, KeysetAccess.PUBLIC).opened())).isEqualTo(active(owner));
  }

  /** Other keys under the same name and place: whoever may write there can do that. */
  private void forgePublicHalf() {
    MemoryKeysetStore elsewhere = new MemoryKeysetStore(clock);
    MemoryKeysetStore forged = new MemoryKeysetStore(clock, ".public");
    new Instance(
            new KeysetDefinition(INVOICES, ED25519, policy(), true, null),
            new KeysetRepository(elsewhere, new MemoryKeyEncryptionKeys())
                .publishingIn(new PublicHalves(forged)))
        .opened();
    publicDocuments.save(
        INVOICES,
        forged
            .load(INVOICES)
            .orElseThrow()
            .content()
            .replace("\"generation\":1", "\"generation\":2")
            .replace("\"firstGeneration\":1", "\"firstGeneration\":2"),
        1);
  }

  @Test
  void repairsAPublicHalfWhenItFalselyClaimsToBeAhead() {
    for (String claim : List.of("\"source\":1", "\"operation\"")) {
      Instance owner = ownerOfForged(half -> half.replace(claim, AHEAD.get(claim)));

      owner.rotator.refresh();
      assertThat(owner.events).isEmpty(); // another instance could be ahead
      owner.rotator.refresh();

      assertPutRight(owner);
    }
  }

  @Test
  void repairsThePublicHalfEachTimeWhenItIsForgedRepeatedly() {
    Instance owner = ownerOfForged(half -> half.replace("\"source\":1", "\"source\":1000"));
    owner.rotator.refresh();
    forge(half -> half.replace("\"source\":1000", "\"source\":2000"));
    owner.rotator.refresh();
    assertThat(owner.events).hasSize(1); // the first claim is disproved, so is whoever makes it

    assertPutRight(owner);
  }

  @Test
  void putsRightWhatIsNoPublicHalf() {
    for (UnaryOperator<String> spoilt :
        List.<UnaryOperator<String>>of(
            half -> "garbage",
            half -> "{\"format\":1}",
            half -> half.replace("\"format\":1", "\"format\":2"),
            half -> half.replace("billing/invoices", "billing/receipts"),
            half -> withKeys(half, SharedKeysetTests::withDisabledPrimary),
            half -> withKeys(half, keys -> keys.toBuilder().addKey(keys.getKey(0)).build()))) {
      Instance owner = ownerOfForged(spoilt);
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(foreign(ED25519, KeysetAccess.PUBLIC)::opened);

      owner.rotator.refresh();

      assertPutRight(owner);
    }
  }

  @Test
  void anInstanceThatStartsPutsRightWhatIsNoPublicHalf() {
    ownerOfForged(half -> "garbage");

    assertPutRight(owner(ED25519).opened());
  }

  @Test
  void aForgedTimeOfPublicationDoesNotPutOffTheRotation() {
    Instance owner =
        ownerOfForged(
            half ->
                half.replace("2026-01-01", "3026-01-01")
                    .replace("\"times\":{}", "\"times\":{\"PENDING\":\"3026-01-01T00:00:00Z\"}"));
    long before = active(owner);
    clock.advance(Duration.ofDays(90));

    owner.rotator.refresh();

    assertThat(active(owner)).isNotEqualTo(before);
  }

  /** An owner whose public half somebody changed by the time it looks at it again. */
  private Instance ownerOfForged(UnaryOperator<String> change) {
    documents.goBackTo(0);
    publicDocuments.goBackTo(0);
    Instance owner = owner(ED25519).opened();
    forge(change);
    clock.advance(LOOK);
    owner.events.clear();
    return owner;
  }

  private void forge(UnaryOperator<String> change) {
    StoredDocument now = publicDocuments.load(INVOICES).orElseThrow();
    long next = now.generation() + 1;
    publicDocuments.save(
        INVOICES,
        change.apply(
            now.content().replaceAll("\"(generation|firstGeneration)\":\\d+", "\"$1\":" + next)),
        now.generation());
  }

  private static String withKeys(String half, UnaryOperator<Keyset> change) {
    Matcher keys = Pattern.compile("(?<=\"keys\":\")[^\"]+").matcher(half);
    return keys.replaceFirst(
        found -> {
          try {
            byte[] bytes = Base64.getDecoder().decode(found.group());
            return Base64.getEncoder()
                .encodeToString(change.apply(Keyset.parseFrom(bytes)).toByteArray());
          } catch (IOException ex) {
            throw new UncheckedIOException(ex);
          }
        });
  }

  private static Keyset withDisabledPrimary(Keyset keys) {
    Keyset.Builder changed = keys.toBuilder();
    changed.getKeyBuilderList().stream()
        .filter(key -> key.getKeyId() == keys.getPrimaryKeyId())
        .forEach(key -> key.setStatus(KeyStatusType.DISABLED));
    return changed.build();
  }

  private void assertPutRight(Instance owner) {
    owner.rotator.refresh();
    assertThat(owner.events)
        .containsExactly(
            new RotationEvent.PublicHalfChanged(
                INVOICES, "memory/latchkey/billing/invoices.public"));
    assertThat(owner.rotator.status().problem()).isNull();
    assertThat(owner.rotator.status().next().blockedBy()).isNull();
    assertThat(active(foreign(ED25519, KeysetAccess.PUBLIC).opened())).isEqualTo(active(owner));
    long before = active(owner);
    clock.advance(Duration.ofDays(90));
    owner.rotator.refresh();
    assertThat(active(owner)).isNotEqualTo(before);
  }

  @Test
  void replacesACompromisedKeyAlthoughThePublicHalfIsOut() {
    Instance owner = owner(ED25519).opened();
    clock.advance(DAY);
    publicDocuments.broken = true;
    owner.rotator.perform(KeyAction.ROTATE, null, false); // the new spare is not published
    long known = active(owner);
    owner.rotator.perform(KeyAction.COMPROMISE, null, false);
    assertThat(active(owner)).isEqualTo(known);
    clock.advance(HOUR);

    owner.rotator.refresh();

    assertThat(active(owner)).isNotEqualTo(known);
    assertThat(owner.rotator.status().problem()).contains("is out");
  }

  @Test
  void compromisedKeyIsRejectedByThePublicUser() throws Exception {
    Instance owner = owner(ED25519).opened();
    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();
    byte[] signature = owner.primitive(PublicKeySign.class).sign(TEXT);
    owner.rotator.perform(KeyAction.COMPROMISE, null, true);
    user.rotator.refresh();

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> user.primitive(PublicKeyVerify.class).verify(signature, TEXT));
    assertThatCode(
            () ->
                user.primitive(PublicKeyVerify.class)
                    .verify(owner.primitive(PublicKeySign.class).sign(TEXT), TEXT))
        .doesNotThrowAnyException();
    assertThat(user.registry.snapshot("invoices").metadata().keys())
        .filteredOn(key -> key.state() == KeyState.COMPROMISED)
        .hasSize(2);
  }

  @Test
  void publicUserFollowsWhatIsRestoredAndNothingBefore() throws Exception {
    Instance owner = owner(ED25519).opened();
    Instance user = foreign(ED25519, KeysetAccess.PUBLIC).opened();
    List<byte[]> signatures = new ArrayList<>();
    for (int rotation = 0; rotation < 3; rotation++) {
      signatures.add(owner.primitive(PublicKeySign.class).sign(TEXT));
      clock.advance(DAY);
      owner.rotator.perform(KeyAction.ROTATE, null, false);
    }
    user.rotator.refresh();
    documents.goBackTo(1);
    publicDocuments.goBackTo(1);
    owner.rotator.refresh();
    user.rotator.refresh();
    assertThat(user.rotator.status().frozen()).isTrue();
    assertThat(active(user)).isEqualTo(active(owner));

    owner.rotator.perform(KeyAction.RESTORE, null, false);
    user.rotator.refresh();

    assertThat(user.rotator.status().frozen()).isFalse();
    assertThat(owner.events).noneMatch(RotationEvent.PublicHalfChanged.class::isInstance);
    for (Instance each : List.of(user, foreign(ED25519, KeysetAccess.PUBLIC).opened())) {
      assertThat(active(each)).isEqualTo(active(owner));
      for (byte[] signature : signatures) {
        each.primitive(PublicKeyVerify.class).verify(signature, TEXT);
      }
    }
  }

  @Test
  void readsAKeysetWhoseOwnerHurriesInAnEmergency() {
    Instance owner = owner(ED25519).opened();
    PropagationRule usual =
        new PropagationRule(HOUR.multipliedBy(2), Duration.ZERO, Duration.ZERO, Duration.ZERO);
    owner.rotator.perform(KeyAction.COMPROMISE, metadata(owner).spare().orElseThrow().id(), false);

    foreign(ED25519, KeysetAccess.READ, usual).opened();
    foreign(ED25519, KeysetAccess.PUBLIC, usual).opened();
  }

  @Test
  void actsAlthoughThePublicHalfCannotBeWritten() {
    Instance owner = owner(ED25519).opened();
    publicDocuments.broken = true;

    owner.rotator.perform(KeyAction.COMPROMISE, null, true);

    assertThat(owner.rotator.status().problem()).contains("is out");
    publicDocuments.broken = false;
    owner.rotator.refresh();
    assertThat(publicDocuments.load(INVOICES).orElseThrow().generation()).isEqualTo(2);
  }

  private static long active(Instance instance) {
    return metadata(instance).active().id();
  }

  private static KeysetMetadata metadata(Instance instance) {
    return instance.registry.snapshot("invoices").metadata();
  }

  private static RotationPolicy policy() {
    return RotationPolicy.of("rotation.", Duration.ofDays(90), DAY, HOUR, true);
  }

  private Instance owner(KeysetTemplate template) {
    return owner(template, true, true);
  }

  private Instance owner(KeysetTemplate template, boolean publishes, boolean create) {
    return owner(template, policy(), publishes, create);
  }

  private Instance owner(
      KeysetTemplate template, RotationPolicy policy, boolean publishes, boolean create) {
    KeysetRepository repository = new KeysetRepository(documents, keyEncryptionKeys);
    return new Instance(
        new KeysetDefinition(INVOICES, template, policy, create || !publishes, null),
        publishes ? repository.publishingIn(new PublicHalves(publicDocuments)) : repository);
  }

  private Instance foreign(KeysetTemplate template, KeysetAccess access) {
    return foreign(template, access, PropagationRule.SINGLE_PROCESS);
  }

  private Instance foreign(KeysetTemplate template, KeysetAccess access, PropagationRule reach) {
    return new Instance(
        KeysetDefinition.foreign(INVOICES, template, access, null, reach),
        access == KeysetAccess.PUBLIC
            ? KeysetRepository.of(new PublicHalves(publicDocuments))
            : new KeysetRepository(documents, keyEncryptionKeys));
  }

  private final class Instance {

    private final KeysetRegistry registry;
    private final Rotator rotator;
    private final List<RotationEvent> events = new ArrayList<>();

    private Instance(KeysetDefinition definition, KeysetRepository repository) {
      registry =
          new KeysetRegistry(
              Map.of("invoices", definition.template().family()),
              Map.of("invoices", definition.access()));
      rotator = new Rotator(definition, repository, registry, clock, events::add);
    }

    private Instance opened() {
      rotator.open();
      return this;
    }

    private <P> P primitive(Class<P> type) {
      return registry.primitive("invoices", type);
    }
  }

  /** A store of one keyset that can be out, and go back. */
  private final class Versions implements KeysetStore {

    private final String suffix;
    private final List<StoredDocument> versions = new ArrayList<>();
    private boolean broken;
    private int loads;

    private Versions(String suffix) {
      this.suffix = suffix;
    }

    private void goBackTo(int generation) {
      versions.subList(generation, versions.size()).clear();
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      loads++;
      failIfBroken();
      return versions.stream()
          .reduce((older, newer) -> newer)
          .map(
              newest ->
                  new StoredDocument(
                      newest.content(),
                      newest.generation(),
                      newest.createdAt(),
                      clock.instant(),
                      true));
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      failIfBroken();
      if (versions.size() != expectedGeneration) {
        throw new WriteConflictException(location(keyset), expectedGeneration);
      }
      Instant now = clock.instant();
      versions.add(new StoredDocument(content, expectedGeneration + 1, now, now, true));
      return versions.get(versions.size() - 1);
    }

    @Override
    public String location(KeysetId keyset) {
      return "memory/latchkey/" + keyset + suffix;
    }

    private void failIfBroken() {
      if (broken) {
        throw new StoreUnavailableException("The store is out", "Wait.");
      }
    }
  }
}
