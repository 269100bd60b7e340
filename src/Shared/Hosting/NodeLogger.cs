using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Hands what our actors log to the host's logging, under the actor's class; of Akka itself only warnings and errors,
/// since its news of shards and endpoints helps nobody who reads a node's log. What strangers can cause by connecting is
/// one line each, without a stack trace.
/// </summary>
internal sealed class NodeLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    /// <summary>Started by the actor system.</summary>
    public NodeLogger()
    {
        ILoggerFactory loggers = DependencyResolver.For(Context.System).Resolver.GetService<ILoggerFactory>();
        Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
        Receive<LogEvent>(line =>
        {
            bool isOurs = line.LogClass.Namespace?.StartsWith("MetaMap.", StringComparison.Ordinal) == true;
            if (isOurs || line.LogLevel() >= AkkaLevel.WarningLevel)
            {
                bool isOfAConnection = line.LogClass.Namespace?.StartsWith("Akka.Remote", StringComparison.Ordinal) == true;
                loggers.CreateLogger(isOurs ? line.LogClass.FullName! : "Akka").Log(
                    LevelOf(line), isOfAConnection ? null : line.Cause, "{Line}", isOurs ? line.Message : FirstLine(line, isOfAConnection));
            }
        });
    }

    // Akka's messages go on with advice, or with the stack traces of their causes.
    private static string FirstLine(LogEvent line, bool withCause)
    {
        string[] lines = (line.Message?.ToString() ?? "").Split('\n');
        return lines.Length > 1 || line.Cause is null || !withCause
            ? lines[0].TrimEnd() : $"{lines[0]}: {line.Cause.Message.Split('\n')[0].TrimEnd()}";
    }

    private static Level LevelOf(LogEvent line) => line.LogLevel() switch
    {
        AkkaLevel.DebugLevel => Level.Debug,
        AkkaLevel.InfoLevel => Level.Information,
        AkkaLevel.WarningLevel => Level.Warning,
        _ => Level.Error,
    };
}
