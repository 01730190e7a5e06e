/** Adapters to HashiCorp Vault and OpenBao: KV documents, Transit, secrets. */
@NullMarked
package dev.latchkey.vault;

import org.jspecify.annotations.NullMarked;
