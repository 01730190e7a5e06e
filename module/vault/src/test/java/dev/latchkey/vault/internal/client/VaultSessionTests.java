package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.mock.http.client.MockClientHttpRequest;
import org.springframework.mock.http.client.MockClientHttpResponse;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.Trigger;
import org.springframework.vault.authentication.LoginToken;
import org.springframework.vault.authentication.VaultLoginException;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestTemplate;

/** The life of a login on a virtual clock, without a server. */
@ExtendWith(OutputCaptureExtension.class)
final class VaultSessionTests {

  private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");
  private static final String RENEW = "POST auth/token/renew-self";
  private static final String LOOKUP = "GET auth/token/lookup-self";
  private static final String REVOKE = "POST auth/token/revoke-self";

  private final VirtualScheduler scheduler = new VirtualScheduler();
  private final Map<String, Response> responses = new HashMap<>();
  private final List<String> requests = new ArrayList<>();
  private final Deque<VaultToken> logins = new ArrayDeque<>();
  private final List<Instant> previousExpiries = new ArrayList<>();
  private int loginCount;
  private @Nullable Runnable duringLogin;
  private final VaultSession session =
      new VaultSession(this::login, scheduler, new RestTemplate(this::request));

  VaultSessionTests() {
    session.onLogin(previousExpiries::add);
  }

  @Nested
  final class LoginTokens {

    @Test
    void logsInOnceWhenRequestsFollowEachOther() {
      logins.add(token("first", "1h", true));

      assertThat(session.getSessionToken()).isSameAs(session.getSessionToken());

      assertThat(loginCount).isEqualTo(1);
      assertThat(requests).isEmpty();
      assertThat(previousExpiries).isEmpty();
    }

    @Test
    void renewsTheTokenWhenTwoThirdsOfItsTtlHavePassed() {
      logins.add(token("first", "90m", true));
      responses.put(RENEW, renewed("90m"));
      session.getSessionToken();

      scheduler.advance("59m");
      assertThat(requests).isEmpty();
      scheduler.advance("1m");
      assertThat(requests).containsExactly(RENEW + " first");
      scheduler.advance("60m");

      assertThat(requests).hasSize(2);
      assertThat(loginCount).isEqualTo(1);
    }

    @Test
    void logsInAgainBeforeExpiryWhenRenewalDoesNotRestoreTheFullTtl() {
      logins.add(token("first", "90m", true));
      logins.add(token("second", "90m", true));
      responses.put(RENEW, renewed("40m"));
      session.getSessionToken();

      scheduler.advance("60m");

      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
      assertThat(previousExpiries).containsExactly(START.plus(Duration.ofMinutes(90)));
    }

    @Test
    void logsInAgainWhenRenewalIsDenied() {
      logins.add(token("first", "90m", true));
      logins.add(token("second", "90m", true));
      responses.put(RENEW, new Response(HttpStatus.FORBIDDEN, "{}"));
      session.getSessionToken();

      scheduler.advance("60m");

      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
    }

    @Test
    void logsInAgainWithoutARenewalWhenTheTokenIsNotRenewable() {
      logins.add(token("first", "90m", false));
      logins.add(token("second", "90m", false));
      session.getSessionToken();

      scheduler.advance("60m");

      assertThat(requests).isEmpty();
      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
    }

    @Test
    void schedulesNothingWhenTheTokenNeverExpires() {
      logins.add(token("first", "0s", false));
      session.getSessionToken();

      assertThat(scheduler.tasks).isEmpty();
    }

    @Test
    void triesAgainAfterAQuarterOfTheRemainingTimeWhenTheServerFails(CapturedOutput output) {
      logins.add(token("first", "90m", true));
      responses.put(RENEW, new Response(HttpStatus.SERVICE_UNAVAILABLE, "{}"));
      session.getSessionToken();

      scheduler.advance("60m");
      assertThat(output).contains("Could not renew the Vault token, which expires in 1800s");
      scheduler.advance("7m");
      assertThat(requests).hasSize(1);
      responses.put(RENEW, renewed("90m"));
      scheduler.advance("30s");

      assertThat(requests).hasSize(2);
      assertThat(loginCount).isEqualTo(1);
    }

    @Test
    void stopsTryingWhenTheTokenHasExpired() {
      logins.add(token("first", "90m", true));
      responses.put(RENEW, new Response(HttpStatus.SERVICE_UNAVAILABLE, "{}"));
      session.getSessionToken();

      scheduler.advance("3h");

      assertThat(requests).hasSizeLessThan(60);
      assertThat(scheduler.tasks).isEmpty();
      assertThat(loginCount).isEqualTo(1);
    }

    @Test
    void keepsTheTokenAndTriesAgainWhenTheNextLoginFails(CapturedOutput output) {
      logins.add(token("first", "90m", false));
      session.getSessionToken();

      scheduler.advance("60m");
      assertThat(session.getSessionToken().getToken()).isEqualTo("first");
      assertThat(output).contains("no login prepared");
      logins.add(token("second", "90m", false));
      scheduler.advance("7m");
      scheduler.advance("30s");

      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
    }

    @Test
    void logsInAtTheNextRequestWhenTheTokenIsRejected() {
      logins.add(token("first", "90m", true));
      logins.add(token("second", "90m", true));
      VaultToken first = session.getSessionToken();

      session.forget(first);

      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
      assertThat(previousExpiries).containsExactly(START);
      session.forget(first);
      assertThat(session.getSessionToken().getToken()).isEqualTo("second");
    }

    @Test
    void ignoresTheRenewalOfATokenWhenItWasReplaced() {
      logins.add(token("first", "90m", true));
      logins.add(token("second", "0s", false));
      session.forget(session.getSessionToken());
      session.getSessionToken();

      scheduler.advance("3h");

      assertThat(requests).isEmpty();
      assertThat(loginCount).isEqualTo(2);
    }
  }

  @Nested
  final class ProvidedTokens {

    @Test
    void looksUpTheTtlShortlyAfterTheLoginAndRenewsTheToken() {
      logins.add(VaultToken.of("provided"));
      responses.put(LOOKUP, lookedUp("90m", true));
      responses.put(RENEW, renewed("90m"));
      session.getSessionToken();
      assertThat(requests).isEmpty();

      scheduler.advance("2s");
      assertThat(requests).containsExactly(LOOKUP + " provided");
      scheduler.advance("60m");

      assertThat(requests).containsExactly(LOOKUP + " provided", RENEW + " provided");
    }

    @Test
    void renewsNothingWhenTheTokenNeverExpires() {
      logins.add(VaultToken.of("root"));
      responses.put(LOOKUP, lookedUp("0s", false));
      session.getSessionToken();

      scheduler.advance("100h");

      assertThat(requests).hasSize(1);
    }

    @Test
    void doesNotRepeatTheLookupWhenItIsDenied() {
      logins.add(VaultToken.of("provided"));
      responses.put(LOOKUP, new Response(HttpStatus.FORBIDDEN, "{}"));
      session.getSessionToken();

      scheduler.advance("1h");

      assertThat(requests).hasSize(1);
    }

    @Test
    void repeatsTheLookupWhenTheServerFails() {
      logins.add(VaultToken.of("provided"));
      responses.put(LOOKUP, new Response(HttpStatus.TOO_MANY_REQUESTS, "{}"));
      session.getSessionToken();
      scheduler.advance("2s");

      responses.put(LOOKUP, lookedUp("90m", false));
      scheduler.advance("2s");

      assertThat(requests).hasSize(2);
    }

    @Test
    void usesTheNewTokenBeforeExpiryWhenTheFileHasChanged() {
      logins.add(VaultToken.of("old"));
      responses.put(LOOKUP, lookedUp("90m", false));
      session.getSessionToken();
      logins.add(VaultToken.of("old"));
      logins.add(VaultToken.of("new"));

      scheduler.advance("61m");
      assertThat(session.getSessionToken().getToken()).isEqualTo("old");
      scheduler.advance("10m");

      assertThat(session.getSessionToken().getToken()).isEqualTo("new");
      assertThat(previousExpiries).containsExactly(START.plusSeconds(2).plusSeconds(90 * 60));
    }
  }

  @Nested
  final class Closing {

    @Test
    void revokesTheTokenAndRefusesRequests() {
      logins.add(token("first", "90m", true));
      session.getSessionToken();

      session.close();
      scheduler.advance("3h");

      assertThat(requests).containsExactly(REVOKE + " first");
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(session::getSessionToken)
          .withMessage("Vault is no longer available: the application has stopped");
      assertThat(loginCount).isEqualTo(1);
    }

    @Test
    void doesNotRevokeTheTokenWhenItWasProvidedOrIsABatchToken() {
      logins.add(VaultToken.of("provided"));
      VaultToken provided = session.getSessionToken();
      session.forget(provided);
      logins.add(LoginToken.builder().token("batch").type("batch").build());
      session.getSessionToken();

      session.close();

      assertThat(requests).isEmpty();
    }

    @Test
    void revokesTheTokenWhenTheApplicationStopsDuringTheLogin() {
      logins.add(token("late", "90m", true));
      duringLogin = session::close;

      assertThatExceptionOfType(LatchkeyException.class).isThrownBy(session::getSessionToken);

      assertThat(requests).containsExactly(REVOKE + " late");
      assertThat(scheduler.tasks).isEmpty();
    }

    @Test
    void logsAWarningWithoutTheTokenWhenRevocationFails(CapturedOutput output) {
      responses.put(REVOKE, new Response(HttpStatus.INTERNAL_SERVER_ERROR, "{}"));
      logins.add(token("canary-token", "90m", true));
      session.getSessionToken();

      session.close();

      assertThat(output)
          .contains("Could not revoke the Vault token: InternalServerError")
          .doesNotContain("canary-token");
    }
  }

  private VaultToken login() {
    loginCount++;
    if (duringLogin != null) {
      duringLogin.run();
    }
    if (logins.isEmpty()) {
      throw new VaultLoginException("no login prepared");
    }
    return logins.remove();
  }

  private static LoginToken token(String token, String ttl, boolean renewable) {
    return LoginToken.builder()
        .token(token)
        .type("service")
        .leaseDuration(duration(ttl))
        .renewable(renewable)
        .build();
  }

  private static Response renewed(String ttl) {
    return new Response(
        HttpStatus.OK,
        "{\"auth\":{\"lease_duration\":%d,\"renewable\":true}}"
            .formatted(duration(ttl).toSeconds()));
  }

  private static Response lookedUp(String ttl, boolean renewable) {
    return new Response(
        HttpStatus.OK,
        "{\"data\":{\"ttl\":%d,\"renewable\":%s}}".formatted(duration(ttl).toSeconds(), renewable));
  }

  private static Duration duration(String text) {
    return Duration.parse("PT" + text);
  }

  private record Response(HttpStatus status, String body) {}

  private ClientHttpRequest request(URI uri, HttpMethod method) {
    return new MockClientHttpRequest(method, uri) {
      @Override
      protected ClientHttpResponse executeInternal() {
        String request = method + " " + uri.getPath().substring(1);
        requests.add(request + " " + getHeaders().getFirst("X-Vault-Token"));
        Response response = responses.getOrDefault(request, new Response(HttpStatus.OK, "{}"));
        MockClientHttpResponse answer =
            new MockClientHttpResponse(response.body().getBytes(), response.status());
        answer.getHeaders().setContentType(MediaType.APPLICATION_JSON);
        return answer;
      }
    };
  }

  /** Runs tasks when the test advances the clock. */
  private static final class VirtualScheduler implements TaskScheduler {

    private record Task(Runnable action, Instant due) {}

    private final PriorityQueue<Task> tasks =
        new PriorityQueue<>((one, other) -> one.due().compareTo(other.due()));
    private Instant now = START;

    void advance(String time) {
      Instant end = now.plus(duration(time));
      while (!tasks.isEmpty() && !tasks.peek().due().isAfter(end)) {
        Task next = tasks.remove();
        now = next.due();
        next.action().run();
      }
      now = end;
    }

    @Override
    public Clock getClock() {
      return Clock.fixed(now, ZoneOffset.UTC);
    }

    @Override
    public @Nullable ScheduledFuture<?> schedule(Runnable task, Instant startTime) {
      tasks.add(new Task(task, startTime));
      return null;
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable task, Trigger trigger) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Instant start, Duration period) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable task, Duration period) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Instant start, Duration delay) {
      throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable task, Duration delay) {
      throw new UnsupportedOperationException();
    }
  }
}
