package dev.latchkey.store;

import dev.latchkey.LatchkeyException;
import dev.latchkey.property.internal.EffectiveProperty;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Finds the provider of the store that {@code latchkey.store.type} names, or the default. */
final class StoreProviders {

  private static final String TYPE = "latchkey.store.type";

  private final List<StoreProvider> providers;

  StoreProviders(List<StoreProvider> providers) {
    this.providers = providers;
  }

  /** The providers of the class path, those of the application included. */
  static StoreProviders load() {
    return new StoreProviders(
        SpringFactoriesLoader.forDefaultResourceLocation(ClassUtils.getDefaultClassLoader())
            .load(StoreProvider.class));
  }

  Backend open(StoreContext context) {
    return find(context).open(context);
  }

  private StoreProvider find(StoreContext context) {
    LatchkeyStoreProperties properties =
        context.bind("latchkey.store", LatchkeyStoreProperties.class);
    String type = properties.type();
    return type != null
        ? named(type, context.environment())
        : providers.stream()
            .filter(each -> each.isDefault(context))
            .findFirst()
            .orElseThrow(StoreProviders::noStore);
  }

  private StoreProvider named(String type, ConfigurableEnvironment environment) {
    return providers.stream()
        .filter(each -> each.type().equals(type.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new LatchkeyException(
                    "%s: expected %s"
                        .formatted(
                            EffectiveProperty.withOrigin(
                                "Invalid %s '%s'".formatted(TYPE, type), TYPE, environment),
                            types()),
                    "Set it to one of these, or add the module of another store, such as"
                        + " dev.latchkey:latchkey-vault."));
  }

  private String types() {
    List<String> types =
        Stream.concat(
                providers.stream().map(StoreProvider::type).filter(each -> !each.equals("memory")),
                Stream.of("memory"))
            .toList();
    return types.size() == 1
        ? types.get(0)
        : StringUtils.collectionToCommaDelimitedString(types.subList(0, types.size() - 1))
                .replace(",", ", ")
            + " or memory";
  }

  private static LatchkeyException noStore() {
    return new LatchkeyException(
        "No store is configured",
        "Add dev.latchkey:latchkey-vault and latchkey.vault.uri, or add dev.latchkey:latchkey-file;"
            + " in tests, set latchkey.store.type=memory.");
  }
}
