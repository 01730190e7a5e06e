package dev.latchkey.test;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A proxy for ports of this machine whose connections can be cut. With several ports, each
 * connection goes to the first that accepts it.
 */
public final class TcpProxy implements AutoCloseable {

  private volatile ServerSocket listener;
  private final List<InetSocketAddress> targets;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private TcpProxy(List<InetSocketAddress> targets) throws IOException {
    this.targets = targets;
    this.listener = listen(0);
  }

  /** Starts a proxy for ports of the loopback interface. */
  public static TcpProxy before(Integer... ports) {
    try {
      return new TcpProxy(
          Stream.of(ports).map(port -> new InetSocketAddress("127.0.0.1", port)).toList());
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Breaks all connections and every new one until {@link #join()}. */
  public void cut() {
    cut = true;
    open.forEach(TcpProxy::close);
  }

  public void join() {
    cut = false;
  }

  /** Refuses connections, as if nothing listened, until {@link #up()}. */
  public void down() {
    close(listener);
    cut();
  }

  public void up() {
    int port = port();
    join();
    try {
      listener = listen(port);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket(port, 50, InetAddress.getByName("127.0.0.1"));
    start(() -> accept(socket));
    return socket;
  }

  private void accept(ServerSocket socket) {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        open.add(client);
        start(() -> connect(client));
      } catch (IOException ex) {
        // closed
      }
    }
  }

  private void connect(Socket client) {
    Socket server = new Socket();
    try {
      server = connect();
      open.add(server);
      if (cut) {
        throw new IOException("cut");
      }
      Socket answering = server;
      start(() -> copy(answering, client));
      copy(client, answering);
    } catch (IOException ex) {
      close(client);
      close(server);
      open.remove(client);
      open.remove(server);
    }
  }

  private Socket connect() throws IOException {
    IOException failure = new IOException("no target");
    for (InetSocketAddress target : targets) {
      Socket socket = new Socket();
      try {
        socket.connect(target, 1000);
        return socket;
      } catch (IOException ex) {
        socket.close();
        failure = ex;
      }
    }
    throw failure;
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException ex) {
      // broken: the other direction ends too
    } finally {
      open.remove(from);
      open.remove(to);
    }
  }

  private static void start(Runnable run) {
    Thread thread = new Thread(run, "tcp proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private static void close(Closeable closeable) {
    try {
      closeable.close();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  @Override
  public void close() {
    down();
  }
}
