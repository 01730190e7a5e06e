package dev.latchkey.annotation.internal;

import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.keyset.Reencryptor;
import dev.latchkey.secret.RotatingSecret;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.StringUtils;

/**
 * The bean of one primitive of a keyset, or of a secret that rotates.
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

  /** Such as {@code orderDataAead} for {@code order-data}: public, users may refer to it. */
  String name() {
    StringBuilder name = new StringBuilder();
    for (String word : keyset.split("-")) {
      name.append(name.isEmpty() ? word : StringUtils.capitalize(word));
    }
    return name.append(type.getSimpleName()).toString();
  }

  /** A definition that ahead-of-time processing can turn into code: no instance, no supplier. */
  RootBeanDefinition definition() {
    RootBeanDefinition definition = new RootBeanDefinition();
    definition.getConstructorArgumentValues().addIndexedArgumentValue(0, keyset);
    if (isSecret()) {
      definition.setFactoryBeanName(SECRETS);
      definition.setFactoryMethodName("get");
      definition.setLazyInit(true); // which secrets are read at the start is not decided here
      definition.setResourceDescription("latchkey.secrets.%s".formatted(keyset));
    } else {
      definition.setFactoryBeanName(KEYSETS);
      definition.setResourceDescription("latchkey.keysets.%s".formatted(keyset));
      if (type == Reencryptor.class) {
        definition.setFactoryMethodName("reencryptor");
        definition.setLazyInit(true); // refused for RAW variants, but only where it is wanted
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

  /** Lets {@link RotatingKey} find a definition. */
  void qualify(AbstractBeanDefinition definition) {
    AutowireCandidateQualifier qualifier =
        new AutowireCandidateQualifier(RotatingKey.class, keyset);
    // Qualifiers with the same attributes are equal to Spring whatever annotation they stand for,
    // and of equal ones only the first survives ahead-of-time processing: tell them apart.
    qualifier.setAttribute("keyset", keyset);
    definition.addQualifier(qualifier);
  }

  /** Whether {@link RotatingKey} finds a definition, whoever made it. */
  static boolean isQualified(AbstractBeanDefinition definition) {
    return definition.hasQualifier(RotatingKey.class.getName());
  }
}
