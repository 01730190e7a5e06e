package dev.latchkey.key.document.internal;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.util.Objects;
import tools.jackson.core.JacksonException;

/**
 * The stored form of the public half of a keyset: JSON in plaintext. It names its owner, location
 * and generation, so that a document that was copied, renamed or put back by mistake is rejected.
 * It is not signed: write access to it decides whom its readers trust.
 */
final class PublicKeysetDocument {

  private static final int FORMAT = 1;

  private final KeysetId keyset;
  private final String location;

  PublicKeysetDocument(KeysetId keyset, String location) {
    this.keyset = keyset;
    this.location = location;
  }

  String seal(PublicKeyset publicHalf) {
    KeysetSnapshot snapshot = publicHalf.snapshot();
    try {
      return KeysetDocument.JSON.writeValueAsString(
          new Content(
              FORMAT,
              location,
              snapshot.generation(),
              publicHalf.source(),
              snapshot.metadata(),
              TinkProtoKeysetFormat.serializeKeysetWithoutSecret(snapshot.handle())));
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("A public half must not hold secret keys", ex);
    }
  }

  /**
   * Opens a document.
   *
   * @throws LatchkeyException if it was not written under this name, at this location, as this
   *     generation
   */
  PublicKeyset open(StoredDocument stored) {
    Content content = parsed(stored);
    if (content.format() != FORMAT) {
      throw new LatchkeyException(
          "%s has format %d; this version of Latchkey reads format %d"
              .formatted(location, content.format(), FORMAT),
          "Upgrade Latchkey in this application. Nothing was changed.");
    }
    if (!content.location().equals(location) || content.generation() != stored.generation()) {
      throw damaged(
          "was written as generation %d of %s".formatted(content.generation(), content.location()));
    }
    KeysetDraft opened = new KeysetDraft(content.metadata(), keys(content));
    opened
        .contradiction(keyset, stored.generation())
        .ifPresent(
            what -> {
              throw damaged(what);
            });
    return new PublicKeyset(
        KeysetSnapshot.of(opened, stored.generation(), stored.createdAt()), content.source());
  }

  private Content parsed(StoredDocument stored) {
    try {
      return KeysetDocument.JSON.readValue(stored.content(), Content.class);
    } catch (JacksonException | IllegalArgumentException ex) {
      throw damaged("is not a public half of a keyset that this version of Latchkey can read");
    }
  }

  private KeysetHandle keys(Content content) {
    try {
      TinkKeys.register(content.metadata());
      return TinkProtoKeysetFormat.parseKeysetWithoutSecret(content.keys());
    } catch (GeneralSecurityException | IllegalArgumentException ex) {
      throw damaged("holds keys that this version of Latchkey cannot read");
    }
  }

  private LatchkeyException damaged(String what) {
    return new LatchkeyException(
        "%s %s".formatted(location, what),
        "Find out who wrote it. The owner of keyset %s writes it again at its next refresh."
            .formatted(keyset));
  }

  /** The content of the document. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Content(
      int format,
      String location,
      long generation,
      long source,
      KeysetMetadata metadata,
      byte[] keys) {

    private Content {
      Objects.requireNonNull(location);
      Objects.requireNonNull(metadata);
      Objects.requireNonNull(keys);
    }
  }
}
