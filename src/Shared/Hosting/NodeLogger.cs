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
/// since its news of shards and endpoints helps nobody who reads a node's log. Message templates and their arguments are
/// handed on apart, so that run, iteration, block and worker are fields of a structured log.
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
                (string template, object[] arguments) = line.Message is LogMessage message
                    ? (message.Format, message.Parameters().ToArray()) : ("{Line}", [line.Message]);
#pragma warning disable CA2254 // The template is a constant where the line was written.
                loggers.CreateLogger(isOurs ? line.LogClass.FullName! : "Akka").Log(LevelOf(line), line.Cause, template, arguments);
#pragma warning restore CA2254
            }
        });
    }

    private static Level LevelOf(LogEvent line) => line.LogLevel() switch
    {
        AkkaLevel.DebugLevel => Level.Debug,
        AkkaLevel.InfoLevel => Level.Information,
        AkkaLevel.WarningLevel => Level.Warning,
        _ => Level.Error,
    };
}
