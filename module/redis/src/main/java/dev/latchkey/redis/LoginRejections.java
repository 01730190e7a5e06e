package dev.latchkey.redis;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.CompleteableCommand;
import io.lettuce.core.protocol.ProtocolKeyword;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Sees on Lettuce's connections that Redis rejects a login. Lettuce itself offers no way to learn
 * that.
 *
 * @since 0.1
 */
final class LoginRejections implements NettyCustomizer {

  private final List<RotatingRedisCredentials> credentials = new CopyOnWriteArrayList<>();

  /** Reports each rejection to these credentials from now on. */
  void report(RotatingRedisCredentials to) {
    credentials.add(to);
  }

  @Override
  public void afterChannelInitialized(Channel channel) {
    channel.pipeline().addLast(new Handler());
  }

  private void answered(@Nullable Throwable failure) {
    if (isRejection(failure)) {
      credentials.forEach(RotatingRedisCredentials::rejected);
    }
  }

  /** Versions before 6 answer with the second text. */
  private static boolean isRejection(@Nullable Throwable failure) {
    String message =
        failure instanceof RedisCommandExecutionException
            ? String.valueOf(failure.getMessage())
            : "";
    return message.startsWith("WRONGPASS") || message.contains("invalid password");
  }

  private final class Handler extends ChannelOutboundHandlerAdapter {

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise)
        throws Exception {
      if (message instanceof RedisCommand<?, ?, ?> command
          && isLogin(command.getType())
          && message instanceof CompleteableCommand<?> login) {
        login.onComplete((answer, failure) -> answered(failure));
      }
      super.write(context, message, promise);
    }

    private static boolean isLogin(ProtocolKeyword type) {
      return type == CommandType.AUTH || type == CommandType.HELLO;
    }
  }
}
