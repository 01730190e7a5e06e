package dev.latchkey.key.live.internal;

import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.live.Reencryptor;
import java.util.ArrayList;
import java.util.List;

/** The types of objects that an application can have injected for a keyset. */
public final class KeysetBeans {

  private KeysetBeans() {}

  /** The Tink interfaces, and {@link Reencryptor} if ciphertexts can be re-encrypted. */
  public static List<Class<?>> of(KeysetAccess access, PrimitiveFamily family) {
    List<Class<?>> types = new ArrayList<>(access.interfaces(family));
    if (access != KeysetAccess.PUBLIC && family.canReencrypt()) {
      types.add(Reencryptor.class);
    }
    return types;
  }
}
