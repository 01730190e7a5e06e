package dev.latchkey.annotation;

import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.util.StringUtils;

/**
 * The bean of one primitive of a keyset.
 *
 * @param keyset the keyset's name
 * @param type the Tink interface
 */
record KeysetBean(String keyset, Class<?> type) {

  /** Such as {@code orderDataAead} for {@code order-data}: public, users may refer to it. */
  String name() {
    StringBuilder name = new StringBuilder();
    for (String word : keyset.split("-")) {
      name.append(name.isEmpty() ? word : StringUtils.capitalize(word));
    }
    return name.append(type.getSimpleName()).toString();
  }

  /**
   * A definition that ahead-of-time processing can turn into code: no instance, no supplier.
   *
   * @param registry the bean whose method {@code primitive(String, Class)} gives the primitive
   */
  RootBeanDefinition definition(String registry) {
    RootBeanDefinition definition = new RootBeanDefinition();
    definition.setFactoryBeanName(registry);
    definition.setFactoryMethodName("primitive");
    definition.getConstructorArgumentValues().addIndexedArgumentValue(0, keyset);
    definition.getConstructorArgumentValues().addIndexedArgumentValue(1, type);
    definition.setTargetType(type);
    definition.setDefaultCandidate(false);
    definition.setResourceDescription("latchkey.keysets.%s".formatted(keyset));
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
