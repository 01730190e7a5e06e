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
 * Injects a Tink primitive whose keys rotate automatically, or a rotating secret. The injected
 * object stays the same while its keys or values change.
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
 * <p>The keyset is configured as {@code latchkey.keysets.orders.template=AES256_GCM}. The type of
 * the field or parameter is one of the primitives that the template supports. Each primitive is a
 * bean, {@code ordersAead} in this example, so that you can use it as any qualified bean: with
 * {@code ObjectProvider}, {@code Optional} or {@code @MockitoBean}.
 *
 * <p>For a field or parameter of type {@link dev.latchkey.secret.RotatingSecret}, it injects the
 * secret that is configured as {@code latchkey.secrets.payments.reference=vault@secret/payments}.
 *
 * <p>Record components are not supported, because Spring would inject the record's field. Use
 * {@code @Qualifier("orders")} on them instead.
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
