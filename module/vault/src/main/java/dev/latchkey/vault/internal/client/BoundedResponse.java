package dev.latchkey.vault.internal.client;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

/**
 * A response whose body may not be longer than any that Vault sends, so that an endless one does
 * not use up the application's memory. By default, the largest value that Vault stores has 1 MiB.
 */
final class BoundedResponse implements ClientHttpResponse {

  static final int MAX_BYTES = 8 * 1024 * 1024;

  private final ClientHttpResponse response;

  BoundedResponse(ClientHttpResponse response) {
    this.response = response;
  }

  @Override
  public InputStream getBody() throws IOException {
    return new BoundedBody(response.getBody());
  }

  @Override
  public HttpStatusCode getStatusCode() throws IOException {
    return response.getStatusCode();
  }

  @Override
  public String getStatusText() throws IOException {
    return response.getStatusText();
  }

  @Override
  public HttpHeaders getHeaders() {
    return response.getHeaders();
  }

  @Override
  public void close() {
    response.close();
  }

  /** The body is too long. */
  static final class TooLongException extends IOException {

    TooLongException() {
      super("response longer than %d bytes".formatted(MAX_BYTES));
    }
  }

  private static final class BoundedBody extends FilterInputStream {

    private int left = MAX_BYTES;

    BoundedBody(InputStream body) {
      super(body);
    }

    @Override
    public int read() throws IOException {
      return taken(super.read(), 1);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = super.read(bytes, offset, length);
      return taken(read, read);
    }

    private int taken(int result, int count) throws IOException {
      if (result >= 0) {
        left -= count;
      }
      if (left < 0) {
        throw new TooLongException();
      }
      return result;
    }
  }
}
