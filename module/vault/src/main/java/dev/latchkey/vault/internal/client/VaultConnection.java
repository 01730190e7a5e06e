package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpClient.Version;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.vault.VaultException;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.client.RestTemplateBuilder;
import org.springframework.vault.client.VaultEndpoint;
import org.springframework.vault.client.VaultHttpHeaders;
import org.springframework.vault.core.VaultOperations;
import org.springframework.vault.core.VaultTemplate;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.client.RestOperations;
import tools.jackson.databind.JsonNode;

/**
 * The application's one way to the server: one client, one login, shared by everything that reads
 * or writes there. Nothing is sent before the first request.
 *
 * <p>Bodies go through as bytes, so that no HTTP library gets a text to log, and a redirect is
 * followed only to the origin that the token was meant for.
 *
 * @since 0.1
 */
public final class VaultConnection implements AutoCloseable {

  private static final Pattern PATH = Pattern.compile("[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*");
  private static final Set<Integer> REDIRECTS = Set.of(301, 302, 307, 308);
  private static final int MOST_REDIRECTS = 3;
  private static final String WIRE_LOG = "jdk.httpclient.HttpClient.log";
  private static final Set<String> LOGS_HEADERS = Set.of("headers", "all");

  private final VaultAddress address;
  private final VaultEndpoint endpoint;
  private final HttpClient client;
  private final ThreadPoolTaskScheduler scheduler;
  private final VaultSession session;
  private final VaultOperations operations;
  private final ReadProofs proofs;
  private final StartupRetry firstAnswer;
  private final List<Runnable> beforeClose = new CopyOnWriteArrayList<>();
  private volatile boolean answered;

  private VaultConnection(
      VaultAddress address,
      VaultSettings settings,
      Function<RestOperations, ClientAuthentication> authentication,
      LongSupplier nanoTime) {
    this.address = address;
    this.endpoint = address.endpoint();
    this.client = client(settings, address);
    this.scheduler = scheduler();
    JdkClientHttpRequestFactory requests = new JdkClientHttpRequestFactory(client);
    requests.setReadTimeout(settings.readTimeout());
    requests.enableCompression(false);
    RestTemplateBuilder templates =
        RestTemplateBuilder.builder().endpoint(endpoint).requestFactory(requests);
    if (settings.namespace() != null) {
      templates.defaultHeader(VaultHttpHeaders.VAULT_NAMESPACE, settings.namespace());
    }
    this.proofs = new ReadProofs(this, settings.proofInterval(), settings.proofRetry(), nanoTime);
    this.firstAnswer = new StartupRetry(settings.patience(), address);
    RestOperations login = new SilentRestTemplate(templates.build());
    this.session = new VaultSession(authentication.apply(login), scheduler, login);
    this.operations = new VaultTemplate(templates, session);
  }

  /**
   * Prepares a connection.
   *
   * @param authentication makes any of Spring Vault's ways to log in, from the client to log in
   *     with
   * @throws LatchkeyException if the address is none, or plain http to another machine
   */
  public static VaultConnection to(
      VaultSettings settings, Function<RestOperations, ClientAuthentication> authentication) {
    return to(settings, authentication, System::nanoTime);
  }

  /**
   * @param nanoTime tells how old a proof is, as {@link System#nanoTime()} does
   */
  public static VaultConnection to(
      VaultSettings settings,
      Function<RestOperations, ClientAuthentication> authentication,
      LongSupplier nanoTime) {
    VaultAddress address =
        VaultAddress.parse(settings.uri(), settings.allowPlainHttp(), settings.namespace());
    return new VaultConnection(address, settings, authentication, nanoTime);
  }

  public VaultAnswer get(String path) {
    return get(path, null, proofs.index());
  }

  /**
   * Reads.
   *
   * @param query what follows the question mark, or null
   * @param index what the node that answers must have reached, or null
   */
  public VaultAnswer get(String path, @Nullable String query, @Nullable String index) {
    return exchange(HttpMethod.GET, uri(path, query), null, index);
  }

  public VaultAnswer post(String path, Object body) {
    return postBytes(path, VaultAnswer.JSON.writeValueAsBytes(body));
  }

  /** Posts JSON that is made already; the caller may wipe it afterwards. */
  public VaultAnswer postBytes(String path, byte[] json) {
    return exchange(HttpMethod.POST, uri(path, null), json, proofs.index());
  }

  /** What a node says of itself to anybody; empty if it does not. */
  Optional<Boolean> ask(String path, String field) {
    JsonNode value =
        follow(HttpMethod.GET, endpoint.createUri(path), null, null).body().path(field);
    return value.isBoolean() ? Optional.of(value.booleanValue()) : Optional.empty();
  }

  /** What proves that answers are new. */
  public ReadProofs proofs() {
    return proofs;
  }

  /**
   * Calls {@code listener} after every login but the first, on the thread that logs in, with the
   * time at which the one before ends.
   */
  public void onLogin(Consumer<Instant> listener) {
    session.onLogin(listener);
  }

  /** Whether the server ever gave an answer, of whatever kind. */
  boolean hasAnswered() {
    return answered;
  }

  public VaultAddress address() {
    return address;
  }

  private URI uri(String path, @Nullable String query) {
    if (!PATH.matcher(path).matches() || ("/" + path + "/").contains("/../")) {
      throw new LatchkeyException(
          "'%s' is no path on %s".formatted(path, address),
          "Use segments of letters, digits, '-', '_' and '.', joined by '/'.");
    }
    return endpoint.createUri(query == null ? path : path + "?" + query);
  }

  private VaultAnswer exchange(
      HttpMethod method, URI uri, byte @Nullable [] body, @Nullable String index) {
    return firstAnswer.to(() -> exchangeOnce(method, uri, body, index));
  }

  private VaultAnswer exchangeOnce(
      HttpMethod method, URI uri, byte @Nullable [] body, @Nullable String index) {
    VaultToken token = login();
    VaultAnswer answer = follow(method, uri, body, index);
    if (answer.status() == 403 && hasAnotherTokenThan(token)) {
      answer = follow(method, uri, body, proofs.index());
    }
    return answer;
  }

  /** Several requests may be refused at once: the first logs in again, for all of them. */
  private boolean hasAnotherTokenThan(VaultToken used) {
    if (!isTokenRefused()) {
      return !login().equals(used);
    }
    session.forget(used);
    if (login().equals(used)) {
      throw new LatchkeyException(
          "%s does not know the token: it is mistyped, expired or revoked".formatted(address),
          "Give the application a valid token: latchkey.vault.token-file or"
              + " latchkey.vault.token. `vault token lookup` shows whether one is valid.");
    }
    return true;
  }

  private VaultToken login() {
    try {
      return session.getSessionToken();
    } catch (VaultException ex) {
      throw noLogin(ex);
    } catch (ResourceAccessException ex) {
      throw Unreachable.because(ex, address);
    }
  }

  private LatchkeyException noLogin(VaultException failure) {
    if (failure.getCause() instanceof ResourceAccessException unreachable) {
      return Unreachable.because(unreachable, address);
    }
    if (failure.getCause() instanceof RestClientResponseException refused) {
      VaultAnswer answer = VaultAnswer.of(refused);
      if (answer.isOutage()) {
        return new VaultErrors(this, "log in", "auth", PolicyLine.allowing("auth/*", "update"), "")
            .of(answer);
      }
    }
    String refusal = String.valueOf(failure.getMessage());
    return new LatchkeyException(
        "%s refused the login: %s".formatted(address, refusal),
        refusal.contains("wrapping token")
            ? "Give a new wrapping token: each can be unwrapped only once, and only for a while."
                + " Where this application has not done that, somebody else may have: revoke what"
                + " it wrapped."
            : "Check latchkey.vault.authentication and the credentials that go with it.",
        failure);
  }

  /**
   * Asks whether a denial is the token's end or a policy. A valid token without the default policy
   * is denied this too, but in the words of a policy.
   */
  private boolean isTokenRefused() {
    URI lookup = endpoint.createUri("auth/token/lookup-self");
    VaultAnswer self = follow(HttpMethod.GET, lookup, null, proofs.index());
    return self.status() == 403
        && !(self.says("1 error occurred") && self.says("permission denied"));
  }

  private VaultAnswer follow(
      HttpMethod method, URI uri, byte @Nullable [] body, @Nullable String index) {
    URI target = uri;
    for (int redirects = 0; ; redirects++) {
      VaultAnswer answer = send(method, target, body, index);
      if (answer.location() == null || !REDIRECTS.contains(answer.status())) {
        return answer;
      }
      URI location = target.resolve(answer.location());
      boolean keepsMethod = method == HttpMethod.GET || answer.status() >= 307;
      boolean elsewhere =
          location.getHost() == null || !VaultAddress.isSameOrigin(target, location);
      if (isStandbys(answer, target, location) && (elsewhere || redirects == MOST_REDIRECTS)) {
        throw standby(elsewhere ? origin(location) : "itself");
      }
      if (elsewhere) {
        throw new LatchkeyException(
            "%s redirects to %s, where the token was not meant to go"
                .formatted(address, origin(location)),
            "Set latchkey.vault.uri to the active node, or to a load balancer that finds it.");
      }
      if (!keepsMethod || redirects == MOST_REDIRECTS) {
        throw new LatchkeyException(
            "%s redirects in a way that cannot be followed (status %d)"
                .formatted(address, answer.status()),
            "Check that latchkey.vault.uri is the server's own address.");
      }
      target = location;
    }
  }

  /** Whether a redirect is what a standby gives that does not pass a request on by itself. */
  private static boolean isStandbys(VaultAnswer answer, URI target, URI location) {
    return answer.status() == 307
        && Objects.equals(location.getScheme(), target.getScheme())
        && Objects.equals(location.getPath(), target.getPath());
  }

  private StoreUnavailableException standby(String active) {
    return new StoreUnavailableException(
        "%s gives no answer now: it is a standby, and takes %s for the active node"
            .formatted(address, active),
        "While the nodes elect another one, this passes. If it stays, this node cannot pass"
            + " requests on to the active one: check their cluster addresses, or set"
            + " latchkey.vault.uri to a load balancer that finds the active node. The token is sent"
            + " nowhere else.");
  }

  private static String origin(URI uri) {
    return uri.getScheme() + "://" + uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort());
  }

  private VaultAnswer send(
      HttpMethod method, URI uri, byte @Nullable [] body, @Nullable String index) {
    try {
      VaultAnswer answer =
          operations.doWithSession(operations -> send(operations, method, uri, body, index));
      answered = true;
      return answer;
    } catch (ResourceAccessException ex) {
      throw Unreachable.because(ex, address);
    }
  }

  private static VaultAnswer send(
      RestOperations operations,
      HttpMethod method,
      URI uri,
      byte @Nullable [] body,
      @Nullable String index) {
    try {
      VaultAnswer answer =
          operations.execute(
              uri,
              method,
              request -> {
                if (index != null) {
                  request.getHeaders().set(VaultAnswer.INDEX, index);
                  request.getHeaders().set("X-Vault-Inconsistent", "forward-active-node");
                }
                if (body != null) {
                  request.getHeaders().setContentType(MediaType.APPLICATION_JSON);
                  request.getHeaders().setContentLength(body.length);
                  request.getBody().write(body);
                }
              },
              VaultAnswer::of);
      return Objects.requireNonNull(answer);
    } catch (RestClientResponseException ex) {
      return VaultAnswer.of(ex);
    }
  }

  static HttpClient client(VaultSettings settings, VaultAddress address) {
    refuseHeadersInTheLog();
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
    } else if (!address.isEncrypted()) {
      builder.sslContext(new NoTls());
    }
    return builder.build();
  }

  /** The JDK's client can be told to write every header into its log, the token among them. */
  private static void refuseHeadersInTheLog() {
    String logged = System.getProperty(WIRE_LOG, "");
    if (Arrays.stream(logged.split(",")).map(String::strip).anyMatch(LOGS_HEADERS::contains)) {
      throw new LatchkeyException(
          "%s=%s would write the token for Vault into the log".formatted(WIRE_LOG, logged),
          "Take 'headers' and 'all' out of that system property; 'requests,errors' may stay.");
    }
  }

  private static ThreadPoolTaskScheduler scheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("latchkey-login-");
    scheduler.setPoolSize(2); // a lease that waits for an answer must not hold up the login
    scheduler.setDaemon(true);
    scheduler.initialize();
    return scheduler;
  }

  /** Runs in the background what must go on by itself; ends with the connection. */
  public ScheduledExecutorService background() {
    return scheduler.getScheduledExecutor();
  }

  /** Runs {@code action} when the connection closes, while it still works. */
  public void beforeClose(Runnable action) {
    beforeClose.add(action);
  }

  /** Ends the login, if it was one of its own, and everything that runs for it. */
  @Override
  public void close() {
    try {
      beforeClose.forEach(Runnable::run);
    } finally {
      session.close();
      scheduler.shutdown();
    }
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
