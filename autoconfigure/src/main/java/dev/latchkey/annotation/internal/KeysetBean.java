package dev.latchkey.annotation.internal;

import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.secret.RotatingSecret;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.StringUtils;

/**
 * The bean of a primitive of a keyset, or of a rotating secret.
 *
 * @param keyset the name of the keyset or secret
 * @param type the Tink interface, {@link Reencryptor} or {@link RotatingSecret}
 */
record KeysetBean(String keyset, Class<?> type) {

  private static final String KEYSETS = "latchkeyKeysetRegistry";
  private static final String SECRETS = "latchkeyRotatingSecrets";

  boolean isSecret() {
    return type == RotatingSecret.class;
  }

  /**
   * Returns the bean name that applications may refer to: {@code orderDataAead} for {@code
   * order-data}.
   */
  String name() {
    StringBuilder name = new StringBuilder();
    for (String word : keyset.split("-")) {
      name.append(name.isEmpty() ? word : StringUtils.capitalize(word));
    }
    return name.append(type.getSimpleName()).toString();
  }

  /** Returns a definition that ahead-of-time processing supports: no instance, no supplier. */
  RootBeanDefinition definition() {
    RootBeanDefinition definition = new RootBeanDefinition();
    definition.getConstructorArgumentValues().addIndexedArgumentValue(0, keyset);
    if (isSecret()) {
      definition.setFactoryBeanName(SECRETS);
      definition.setFactoryMethodName("get");
      definition.setLazyInit(true); // whether a secret is read at startup is decided elsewhere
      definition.setResourceDescription("latchkey.secrets.%s".formatted(keyset));
    } else {
      definition.setFactoryBeanName(KEYSETS);
      definition.setResourceDescription("latchkey.keysets.%s".formatted(keyset));
      if (type == Reencryptor.class) {
        definition.setFactoryMethodName("reencryptor");
        definition.setLazyInit(true); // fails for RAW variants, so only create it on demand
      } else {
        definition.setFactoryMethodName("primitive");
        definition.getConstructorArgumentValues().addIndexedArgumentValue(1, type);
      }
    }
    definition.setTargetType(type);
    definition.setDefaultCandidate(false);
    definition.addQualifier(new AutowireCandidateQualifier(Qualifier.class, keyset));
    qualify(definition);
    return definition;
  }

  /** Makes a definition a candidate for {@link RotatingKey}. */
  void qualify(AbstractBeanDefinition definition) {
    AutowireCandidateQualifier qualifier =
        new AutowireCandidateQualifier(RotatingKey.class, keyset);
    // Spring considers qualifiers with the same attributes equal, whatever their annotation is,
    // and ahead-of-time processing keeps the first of them only: an attribute makes them differ.
    qualifier.setAttribute("keyset", keyset);
    definition.addQualifier(qualifier);
  }

  /** Returns whether a definition is a candidate for {@link RotatingKey}. */
  static boolean isQualified(AbstractBeanDefinition definition) {
    return definition.hasQualifier(RotatingKey.class.getName());
  }
}
