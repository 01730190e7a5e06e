/**
 * What every part of Latchkey shares: the error that tells a user what, where and how to fix it.
 */
@NullMarked
package dev.latchkey;

import org.jspecify.annotations.NullMarked;
