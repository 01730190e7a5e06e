package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.vault.client.RestTemplateBuilder;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.client.VaultHttpHeaders;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.NoOpResponseErrorHandler;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/**
 * Sends HTTP requests to one Vault server. Bodies are bytes, so that no HTTP library can log them,
 * and a redirect is followed only within the origin that the token is meant for.
 */
final class VaultHttp {

  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);
  private static final int MAX_REDIRECTS = 3;

  private final VaultAddress address;
  private final VaultEndpoint endpoint;
  private final RestTemplate requests;
  private final RestOperations logins;
  private volatile boolean answered;

  VaultHttp(VaultAddress address, VaultSettings settings) {
    new WireLogging().refuse(address.isTls());
    this.address = address;
    this.endpoint = address.endpoint();
    JdkClientHttpRequestFactory factory = new JdkClientHttpRequestFactory(client(settings));
    factory.setReadTimeout(settings.readTimeout());
    factory.enableCompression(false);
    RestTemplateBuilder templates =
        RestTemplateBuilder.builder().endpoint(endpoint).requestFactory(factory);
    if (address.namespace() != null) {
      templates.defaultHeader(VaultHttpHeaders.VAULT_NAMESPACE, address.namespace());
    }
    this.requests = templates.build();
    this.requests.setErrorHandler(new NoOpResponseErrorHandler());
    this.logins = new SilentRestTemplate(templates.build());
  }

  private static HttpClient client(VaultSettings settings) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(Version.HTTP_1_1)
            .followRedirects(Redirect.NEVER)
            .connectTimeout(settings.connectTimeout());
    SslBundle bundle = settings.sslBundle();
    if (bundle != null) {
      SSLParameters parameters = new SSLParameters();
      parameters.setCipherSuites(bundle.getOptions().getCiphers());
      parameters.setProtocols(bundle.getOptions().getEnabledProtocols());
      builder.sslContext(bundle.createSslContext()).sslParameters(parameters);
    }
    return builder.build();
  }

  /** Sends logins: relative paths, no token, and no body in any log. */
  RestOperations logins() {
    return logins;
  }

  /** Whether the server ever responded, with whatever status. */
  boolean hasAnswered() {
    return answered;
  }

  /**
   * Sends a request and follows redirects.
   *
   * @param path path with an optional query, relative to {@code /v1}
   * @param index replication index that the responding node must have reached, or null
   * @param token null for an endpoint that needs none
   */
  VaultAnswer exchange(
      HttpMethod method,
      String path,
      byte @Nullable [] body,
      @Nullable String index,
      @Nullable VaultToken token) {
    URI target = endpoint.createUri(path);
    for (int redirects = 0; ; redirects++) {
      VaultAnswer answer = send(method, target, body, index, token);
      if (answer.location() == null || !REDIRECTS.contains(answer.status())) {
        return answer;
      }
      target = redirect(method, target, answer, redirects == MAX_REDIRECTS);
    }
  }

  private URI redirect(HttpMethod method, URI from, VaultAnswer answer, boolean isLast) {
    URI location = from.resolve(Objects.requireNonNull(answer.location()));
    boolean keepsMethod = method == HttpMethod.GET || answer.status() >= 307;
    boolean elsewhere = location.getHost() == null || !VaultAddress.isSameOrigin(from, location);
    if (isFromStandby(answer, from, location) && (elsewhere || isLast)) {
      throw standby(elsewhere ? origin(location) : "itself");
    }
    if (elsewhere) {
      throw new LatchkeyException(
          "%s redirects to %s, which must not receive the token"
              .formatted(address, origin(location)),
          "Set latchkey.vault.uri to the active node or to a load balancer that routes to it.");
    }
    if (!keepsMethod || isLast) {
      throw new LatchkeyException(
          "%s sends a redirect that cannot be followed (status %d)"
              .formatted(address, answer.status()),
          "Check that latchkey.vault.uri is the server's own address.");
    }
    return location;
  }

  /** Whether a standby that does not forward requests redirects to the active node. */
  private static boolean isFromStandby(VaultAnswer answer, URI target, URI location) {
    return answer.status() == 307
        && Objects.equals(location.getScheme(), target.getScheme())
        && Objects.equals(location.getPath(), target.getPath());
  }

  private StoreUnavailableException standby(String active) {
    return new StoreUnavailableException(
        "%s is unavailable: it is a standby and redirects to %s as the active node"
            .formatted(address, active),
        "During a leader election, wait. Otherwise this standby cannot forward requests: check the"
            + " cluster addresses, or set latchkey.vault.uri to a load balancer that routes to the"
            + " active node. Latchkey sends the token nowhere else.");
  }

  private static String origin(URI uri) {
    return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  private VaultAnswer send(
      HttpMethod method,
      URI uri,
      byte @Nullable [] body,
      @Nullable String index,
      @Nullable VaultToken token) {
    try {
      VaultAnswer answer =
          requests.execute(
              uri,
              method,
              request -> {
                HttpHeaders headers = request.getHeaders();
                if (token != null) {
                  headers.putAll(VaultHttpHeaders.from(token));
                }
                if (index != null) {
                  headers.set(VaultAnswer.INDEX, index);
                  headers.set("X-Vault-Inconsistent", "forward-active-node");
                }
                if (body != null) {
                  headers.setContentType(MediaType.APPLICATION_JSON);
                  headers.setContentLength(body.length);
                  request.getBody().write(body);
                }
              },
              VaultAnswer::of);
      answered = true;
      return Objects.requireNonNull(answer);
    } catch (ResourceAccessException ex) {
      throw Unreachable.because(ex, address);
    }
  }
}
