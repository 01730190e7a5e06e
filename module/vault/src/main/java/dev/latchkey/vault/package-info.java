/** What an application implements to customize access to HashiCorp Vault or OpenBao. */
@NullMarked
package dev.latchkey.vault;

import org.jspecify.annotations.NullMarked;
