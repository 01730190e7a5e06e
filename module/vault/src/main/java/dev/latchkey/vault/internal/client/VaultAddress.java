package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.vault.client.VaultEndpoint;

/**
 * Where the server listens.
 *
 * @param uri scheme, host, port and, behind a proxy, the path that stands before {@code /v1}
 * @param namespace the namespace to work in, or null
 */
public record VaultAddress(URI uri, @Nullable String namespace) {

  private static final String EXAMPLE =
      "Set latchkey.vault.uri to the server's address, such as https://vault.example.org:8200.";

  /** As text, never resolved: what a name resolves to may change. */
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[(::1|0:0:0:0:0:0:0:1)]");

  /** What a header can carry. */
  private static final Pattern NAMESPACE = Pattern.compile("[\\x21-\\x7e]+");

  static VaultAddress parse(String text, boolean allowPlainHttp, @Nullable String namespace) {
    URI uri = parse(text.strip());
    String scheme = uri.getScheme();
    if (!"http".equalsIgnoreCase(scheme) && !"https".equalsIgnoreCase(scheme)) {
      throw new LatchkeyException(
          "'%s' is no address of a Vault server: it does not start with https://".formatted(text),
          EXAMPLE);
    }
    if (uri.getHost() == null || uri.getPort() > 65535) {
      throw new LatchkeyException(
          "'%s' is no address of a Vault server: it names no valid host and port".formatted(text),
          EXAMPLE);
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new LatchkeyException(
          "latchkey.vault.uri has a query or a fragment, which no Vault server has", EXAMPLE);
    }
    if ("http".equalsIgnoreCase(scheme) && !allowPlainHttp && !isLoopback(uri)) {
      throw new LatchkeyException(
          "Vault at %s would get its token and give its secrets in the clear: the address is plain"
                  .formatted(uri)
              + " http, and its host is not this machine",
          "Use https, with latchkey.vault.ssl.bundle where the certificate is your own. Only where"
              + " something else encrypts the way, such as a mesh's sidecar, set"
              + " latchkey.vault.allow-plain-http=true.");
    }
    if (namespace != null && !NAMESPACE.matcher(namespace).matches()) {
      throw new LatchkeyException(
          "latchkey.vault.namespace holds a character that no namespace has",
          "Name the namespace with its path, such as team-a/shop.");
    }
    return new VaultAddress(uri, namespace);
  }

  private static URI parse(String text) {
    if (text.contains("@")) {
      throw new LatchkeyException(
          "latchkey.vault.uri holds a user or a password, which no Vault server takes there",
          EXAMPLE);
    }
    try {
      return new URI(text);
    } catch (URISyntaxException ex) {
      throw new LatchkeyException(
          "'%s' is no address of a Vault server: %s".formatted(text, ex.getReason()), EXAMPLE);
    }
  }

  private static boolean isLoopback(URI uri) {
    return LOOPBACK.matcher(uri.getHost().toLowerCase(Locale.ROOT)).matches();
  }

  boolean isEncrypted() {
    return "https".equalsIgnoreCase(uri.getScheme());
  }

  VaultEndpoint endpoint() {
    VaultEndpoint endpoint = VaultEndpoint.from(uri);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("^/+|/+$", "");
    if (!path.equals("v1") && !path.endsWith("/v1")) {
      endpoint.setPath(path.isEmpty() ? "v1" : path + "/v1");
    }
    return endpoint;
  }

  /** Whether a redirect may go there with the token: same scheme, host and port. */
  static boolean isSameOrigin(URI one, URI other) {
    return one.getScheme().equalsIgnoreCase(other.getScheme())
        && one.getHost().equalsIgnoreCase(other.getHost())
        && port(one) == port(other);
  }

  private static int port(URI uri) {
    if (uri.getPort() != -1) {
      return uri.getPort();
    }
    return "https".equalsIgnoreCase(uri.getScheme()) ? 443 : 80;
  }

  @Override
  public String toString() {
    return "Vault at " + uri + (namespace == null ? "" : " (namespace " + namespace + ")");
  }
}
