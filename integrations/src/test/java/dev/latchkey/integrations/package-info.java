/** What takes secrets that rotate, on real servers. */
@NullMarked
package dev.latchkey.integrations;

import org.jspecify.annotations.NullMarked;
