package dev.latchkey.store;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The store of keysets.
 *
 * @param type Type of the store. By default 'vault' if 'latchkey.vault.uri' is set, else 'file' on
 *     a developer's machine.
 */
@ConfigurationProperties("latchkey.store")
record LatchkeyStoreProperties(@Nullable String type) {}
