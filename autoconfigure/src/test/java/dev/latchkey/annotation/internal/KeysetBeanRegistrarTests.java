package dev.latchkey.annotation.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.support.DefaultListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class KeysetBeanRegistrarTests {

  private final StandardEnvironment environment = new StandardEnvironment();
  private final Map<String, Object> properties = new LinkedHashMap<>();
  private final Map<String, Object> variables = new LinkedHashMap<>();

  KeysetBeanRegistrarTests() {
    environment
        .getPropertySources()
        .forEach(source -> environment.getPropertySources().remove(source.getName()));
    environment.getPropertySources().addFirst(new MapPropertySource("file", properties));
    environment
        .getPropertySources()
        .addFirst(
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables));
    ConfigurationPropertySources.attach(environment);
  }

  @Test
  void registersDefinitionsWithoutCreatingBeans() {
    properties.put("latchkey.keysets.orders.template", "AES256_GCM");
    properties.put("latchkey.keysets.orders.rotation.period", "90d");
    variables.put("LATCHKEY_KEYSETS_INVOICES_TEMPLATE", "ED25519");

    DefaultListableBeanFactory beans = register();

    assertThat(beans.getBeanDefinitionNames())
        .containsExactlyInAnyOrder(
            "ordersAead", "ordersReencryptor", "invoicesPublicKeySign", "invoicesPublicKeyVerify");
    assertThat(beans.getSingletonCount()).isZero();
    assertThat(beans.getBeanDefinition("ordersAead").getResourceDescription())
        .isEqualTo("latchkey.keysets.orders");
  }

  @Test
  void changesNothingWhenItRunsAgain() {
    properties.put("latchkey.keysets.orders.template", "AES256_GCM");
    DefaultListableBeanFactory beans = register();
    var before = beans.getBeanDefinition("ordersAead");

    register(beans);

    assertThat(beans.getBeanDefinitionNames()).containsExactly("ordersAead", "ordersReencryptor");
    assertThat(beans.getBeanDefinition("ordersAead")).isSameAs(before);
  }

  @Test
  void doesNothingWithoutKeysets() {
    assertThat(register().getBeanDefinitionNames()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Orders", "orderData", "order_data", "order--data", "1orders", "orders-"})
  void refusesInvalidName(String name) {
    properties.put("latchkey.keysets." + name + ".template", "AES256_GCM");

    assertRefused()
        .withMessageContaining("latchkey.keysets." + name + ".template")
        .withMessageContaining("'" + name + "' is not a valid name for a keyset");
  }

  @Test
  void refusesNamesThatDifferOnlyByDashes() {
    properties.put("latchkey.keysets.order-data.template", "AES256_GCM");
    properties.put("latchkey.keysets.orderdata.template", "AES256_GCM");

    assertRefused()
        .withMessageStartingWith("Two names differ only by dashes: ")
        .withMessageContaining("latchkey.keysets.order-data.template")
        .withMessageContaining("latchkey.keysets.orderdata.template")
        .satisfies(ex -> assertThat(ex.action()).startsWith("Rename one"));
  }

  @Test
  void refusesVariableThatWouldCreateSecondKeyset() {
    properties.put("latchkey.keysets.order-data.template", "AES256_GCM");
    variables.put("LATCHKEY_KEYSETS_ORDERDATA_TEMPLATE", "AES128_GCM");

    assertRefused()
        .withMessageContaining("LATCHKEY_KEYSETS_ORDERDATA_TEMPLATE")
        .withMessageStartingWith("Two names differ only by dashes: ")
        .satisfies(ex -> assertThat(ex.action()).contains("set it on the command line"));
  }

  @Test
  void refusesVariableForSecondKeysetWhateverPropertyItSets() {
    properties.put("latchkey.keysets.order-data.template", "AES256_GCM");
    variables.put("LATCHKEY_KEYSETS_ORDERDATA_ROTATION_PERIOD", "30d");

    assertRefused().withMessageContaining("LATCHKEY_KEYSETS_ORDERDATA_ROTATION_PERIOD");
  }

  @Test
  void refusesVariableWithUnderscoreForDash() {
    properties.put("latchkey.keysets.order-data.template", "AES256_GCM");
    variables.put("LATCHKEY_KEYSETS_ORDER_DATA_TEMPLATE", "AES128_GCM");

    assertRefused()
        .withMessageContaining("latchkey.keysets.order.template is not set")
        .withMessageContaining("LATCHKEY_KEYSETS_ORDER_DATA_TEMPLATE");
  }

  @Test
  void refusesKeysetAndSecretOfSameName() {
    properties.put("latchkey.keysets.payments.template", "AES256_GCM");
    properties.put("latchkey.secrets.payments.reference", "vault@secret/payments");

    assertRefused()
        .withMessageContaining("latchkey.keysets.payments.template")
        .withMessageContaining("latchkey.secrets.payments.reference")
        .withMessageStartingWith("A keyset and a secret have the same name: ");
  }

  @Test
  void refusesKeysetsWithSameBeanName() {
    properties.put("latchkey.keysets.orders.template", "JWT_HS256");
    properties.put("latchkey.keysets.orders-jwt.template", "HMAC_SHA256_256BITTAG");

    assertRefused()
        .withMessage("Keysets 'orders' and 'orders-jwt' both define the bean 'ordersJwtMac'");
  }

  @Test
  void refusesUnknownTemplate() {
    properties.put("latchkey.keysets.orders.template", "AES256_GMC");

    assertRefused()
        .withMessage(
            "latchkey.keysets.orders.template (\"latchkey.keysets.orders.template\" from property source"
                + " \"file\"): There is no key template 'AES256_GMC'")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean 'AES256_GCM'?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"template", "rotation.period"})
  void refusesKeysetWithoutTemplate(String property) {
    properties.put("latchkey.keysets.orders." + property, "");

    assertRefused().withMessageStartingWith("latchkey.keysets.orders.template is not set");
  }

  private org.assertj.core.api.ThrowableAssertAlternative<LatchkeyException> assertRefused() {
    return assertThatExceptionOfType(LatchkeyException.class).isThrownBy(this::register);
  }

  private DefaultListableBeanFactory register() {
    DefaultListableBeanFactory beans = new DefaultListableBeanFactory();
    register(beans);
    return beans;
  }

  private void register(DefaultListableBeanFactory beans) {
    KeysetBeanRegistrar registrar = new KeysetBeanRegistrar();
    registrar.setEnvironment(environment);
    registrar.postProcessBeanDefinitionRegistry(beans);
  }
}
