package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.vault.client.VaultEndpoint;

/**
 * Address of the server.
 *
 * @param uri scheme, host, port and, behind a proxy, the path before {@code /v1}
 * @param namespace Vault namespace, or null
 */
public record VaultAddress(URI uri, @Nullable String namespace) {

  private static final String EXAMPLE =
      "Set latchkey.vault.uri to the server's address, such as https://vault.example.org:8200.";

  /** Compared as text: what a host name resolves to can change. */
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[(::1|0:0:0:0:0:0:0:1)]");

  /** Characters that are valid in a header. */
  private static final Pattern NAMESPACE = Pattern.compile("[\\x21-\\x7e]+");

  static VaultAddress parse(String text, boolean allowPlainHttp, @Nullable String namespace) {
    URI uri = parse(text.strip());
    String scheme = uri.getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme)) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri '%s': it does not start with https://".formatted(text),
          EXAMPLE);
    }
    if (uri.getHost() == null || uri.getPort() > 65535) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri '%s': it has no valid host and port".formatted(text),
          EXAMPLE);
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri: remove the query or fragment", EXAMPLE);
    }
    if ("http".equals(scheme) && !allowPlainHttp && !isLoopback(uri)) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri '%s': plain http would send tokens and secrets unencrypted"
              .formatted(uri),
          "Use https, and latchkey.vault.ssl.bundle if the certificate is issued by your own"
              + " authority. Set latchkey.vault.allow-plain-http=true only if something else encrypts"
              + " the connection, such as the sidecar of a service mesh.");
    }
    if (namespace != null && !NAMESPACE.matcher(namespace).matches()) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.namespace: it contains a space or another invalid character",
          "Set it to the path of the namespace, such as team-a/shop.");
    }
    return new VaultAddress(uri, namespace);
  }

  private static URI parse(String text) {
    if (text.contains("@")) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri: remove the username and password, which Vault does not use",
          EXAMPLE);
    }
    try {
      return new URI(withLowerCaseScheme(text));
    } catch (URISyntaxException ex) {
      throw new LatchkeyException(
          "Invalid latchkey.vault.uri '%s': %s".formatted(text, ex.getReason()), EXAMPLE);
    }
  }

  /** A scheme means the same in upper case (RFC 3986, section 3.1). */
  private static String withLowerCaseScheme(String text) {
    int end = text.indexOf(':') + 1;
    return text.substring(0, end).toLowerCase(Locale.ROOT) + text.substring(end);
  }

  private static boolean isLoopback(URI uri) {
    return LOOPBACK.matcher(uri.getHost().toLowerCase(Locale.ROOT)).matches();
  }

  boolean isTls() {
    return "https".equals(uri.getScheme());
  }

  VaultEndpoint endpoint() {
    VaultEndpoint endpoint = VaultEndpoint.from(uri);
    String path = uri.getRawPath() == null ? "" : uri.getRawPath().replaceAll("^/+|/+$", "");
    if (!path.equals("v1") && !path.endsWith("/v1")) {
      endpoint.setPath(path.isEmpty() ? "v1" : path + "/v1");
    }
    return endpoint;
  }

  /** Whether the token may follow a redirect: same scheme, host and port. */
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

  /** A Vault CLI command for this server's namespace, ready to paste into a shell. */
  public String command(String verb, String arguments) {
    return "vault %s %s%s"
        .formatted(verb, namespace == null ? "" : "-namespace=" + namespace + " ", arguments);
  }

  @Override
  public String toString() {
    return "Vault at " + uri + (namespace == null ? "" : " (namespace " + namespace + ")");
  }
}
