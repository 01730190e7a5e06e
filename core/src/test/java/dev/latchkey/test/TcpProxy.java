package dev.latchkey.test;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A way to a port of this machine that can be cut and joined again. */
public final class TcpProxy implements AutoCloseable {

  private volatile ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  private TcpProxy(InetSocketAddress target) throws IOException {
    this.target = target;
    this.listener = listen(0);
  }

  /** Stands before a port of the loopback interface. */
  public static TcpProxy before(int port) {
    try {
      return new TcpProxy(new InetSocketAddress("127.0.0.1", port));
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  public int port() {
    return listener.getLocalPort();
  }

  /** Breaks all connections off, and every new one, until {@link #join()}. */
  public void cut() {
    cut = true;
    open.forEach(TcpProxy::close);
  }

  public void join() {
    cut = false;
  }

  /** Lets nobody connect, as if nothing ran there, until {@link #up()}. */
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
      server.connect(target, 1000);
      open.add(server);
      if (cut) {
        throw new IOException("cut");
      }
      start(() -> copy(server, client));
      copy(client, server);
    } catch (IOException ex) {
      close(client);
      close(server);
      open.remove(client);
      open.remove(server);
    }
  }

  private void copy(Socket from, Socket to) {
    try (from;
        to) {
      from.getInputStream().transferTo(to.getOutputStream());
    } catch (IOException ex) {
      // broken off: the other direction ends with it
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
