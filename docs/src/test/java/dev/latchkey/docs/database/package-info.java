/** An application whose pool uses a secret, tested with a database but without a Vault server. */
@NullMarked
package dev.latchkey.docs.database;

import org.jspecify.annotations.NullMarked;
