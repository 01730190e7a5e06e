/** An application that uses everything, watched for what it shows. */
@NullMarked
package dev.latchkey.leaks;

import org.jspecify.annotations.NullMarked;
