/** Auto-configurations that serve keysets and secrets alike: references, beans and the endpoint. */
@NullMarked
package dev.latchkey.autoconfigure;

import org.jspecify.annotations.NullMarked;
