package dev.latchkey.keyset;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PrivateKey;
import com.google.crypto.tink.RegistryConfiguration;
import java.security.GeneralSecurityException;
import java.util.function.Function;

/**
 * One Tink interface of a family.
 *
 * @param type the interface
 * @param live makes the object that users hold
 * @param publicHalf whether it needs only the public keys
 */
record Primitive<P>(Class<P> type, Function<LiveKeyset.Slot<P>, P> live, boolean publicHalf) {

  P of(KeysetHandle keyset) throws GeneralSecurityException {
    KeysetHandle keys = publicHalf ? publicHalf(keyset) : keyset;
    return keys.getPrimitive(RegistryConfiguration.get(), type);
  }

  /** The public keys of a keyset, whether it holds the private ones or not. */
  static KeysetHandle publicHalf(KeysetHandle keyset) throws GeneralSecurityException {
    return keyset.getPrimary().getKey() instanceof PrivateKey
        ? keyset.getPublicKeysetHandle()
        : keyset;
  }
}
