package dev.latchkey.annotation;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.core.annotation.AliasFor;

/**
 * Injects a Tink primitive whose keys rotate by themselves, or a secret that rotates: the object
 * stays the same, the keys behind it change without one failed call.
 *
 * <pre class="code">
 * &#064;Service
 * class OrderService {
 *
 *   private final Aead aead;
 *
 *   OrderService(&#064;RotatingKey("orders") Aead aead) {
 *     this.aead = aead;
 *   }
 * }
 * </pre>
 *
 * <p>The keyset is configured as {@code latchkey.keysets.orders.template=AES256_GCM}; the type of
 * the field or parameter is one of the primitives that its template gives. Each is a bean of its
 * own, {@code ordersAead} here, so that everything that Spring does with qualified beans works:
 * {@code ObjectProvider}, {@code Optional}, {@code @MockitoBean}.
 *
 * <p>A field or parameter of type {@link dev.latchkey.secret.RotatingSecret} gets the secret that
 * is configured as {@code latchkey.secrets.payments.reference=vault@secret/payments}.
 *
 * <p>Not for record components: Spring would inject the record's field. There, use
 * {@code @Qualifier("orders")}.
 *
 * @since 0.1
 */
@Target({ElementType.FIELD, ElementType.PARAMETER})
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Autowired
@Qualifier
public @interface RotatingKey {

  /** Name of the keyset or secret, as in {@code latchkey.keysets.<name>}. */
  @AliasFor(annotation = Qualifier.class)
  String value();
}
