using System.Text.RegularExpressions;
using Akka.Actor;
using Akka.DependencyInjection;
using Akka.Dispatch;
using Akka.Event;
using MetaMap.Core;
using Microsoft.Extensions.Logging;
using AkkaLevel = Akka.Event.LogLevel;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Passes what our actors log to the host's logging, under the actor's class; of Akka itself only warnings and errors,
/// since its messages about shards and endpoints help nobody who reads a node's log. Templates and their arguments are
/// passed separately, so that run, iteration, block and worker are fields of a structured log. Whoever reaches the port can
/// make Akka's remoting complain, so its lines carry no stack trace, and a <see cref="LogThrottle"/> limits their number.
/// </summary>
internal sealed partial class NodeLogger : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>, IWithTimers
{
    private const int KindLength = 60;
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _rest = TimeSpan.FromSeconds(10);

    private readonly ILoggerFactory _loggers = DependencyResolver.For(Context.System).Resolver.GetService<ILoggerFactory>();
    private LogThrottle _throttle = LogThrottle.Empty;
    private int _heavyWorks;

    /// <summary>Started by the actor system.</summary>
    public NodeLogger()
    {
        Receive<InitializeLogger>(_ =>
        {
            Timers.StartPeriodicTimer(nameof(Turn), Turn.Instance, _interval);
            Sender.Tell(new LoggerInitialized());
        });
        Receive<Turn>(_ => WriteLeftOut());
        Receive<HeavyWork>(work =>
        {
            if (work.Begins)
            {
                _heavyWorks++;
            }
            else
            {
                // What was late because of it is said later still.
                Timers.StartSingleTimer(new object(), RestedFromWork.Instance, _rest);
            }
        });
        Receive<RestedFromWork>(_ => _heavyWorks--);
        Receive<LogEvent>(line =>
        {
            if (line.LogClass.Namespace?.StartsWith("MetaMap.", StringComparison.Ordinal) == true)
            {
                (string template, object?[] arguments) = LogTemplate.Of(line.Message);
#pragma warning disable CA2254 // The template is the one that an actor wrote; this class only passes it on.
                _loggers.CreateLogger(line.LogClass.FullName!).Log(LevelOf(line), line.Cause, template, arguments);
#pragma warning restore CA2254
            }
            else if (line.LogLevel() >= AkkaLevel.WarningLevel && !IsSaidElsewhere(line) && !(_heavyWorks > 0 && LateHeartbeat().IsMatch(line.Message.ToString() ?? "")))
            {
                WriteAkka(line);
            }
        });
    }

    /// <inheritdoc />
    public ITimerScheduler Timers { get; set; } = null!;

    /// <inheritdoc />
    protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(HeavyWork));

    /// <inheritdoc />
    protected override void PostStop() => WriteLeftOut();

    private void WriteAkka(LogEvent line)
    {
        bool isRemote = IsRemote(line.LogClass) || IsRemote(line.Cause?.GetType());
        (_throttle, bool isWritten) = _throttle.Admit(KindOf(line.Message));
        if (isWritten)
        {
            // Lines after the first are the stack trace of a cause, whichever class wrote them.
            string text = (line.Message.ToString() ?? "").Split('\n')[0].TrimEnd().Printable();
            string cause = isRemote && line.Cause is { } error ? $": {error.GetBaseException().Message.Printable()}" : "";
            _loggers.CreateLogger("Akka").Log(LevelOf(line), isRemote ? null : line.Cause, "{Line}{Cause}", text, cause);
        }
    }

    private void WriteLeftOut()
    {
        (_throttle, var leftOut) = _throttle.Turn();
        foreach (string sentence in leftOut)
        {
            _loggers.CreateLogger("Akka").LogWarning("{Line}", sentence);
        }
    }

    // That a node is lost is said by the coordinator that judges it, that no worker is there to those who ask for one, and that a port is in use or nobody is found to join by the command, in words of their own.
    private static bool IsSaidElsewhere(LogEvent line) => SaidElsewhere().IsMatch(line.Message.ToString() ?? "");

    private static bool IsRemote(Type? type) => type?.Namespace is { } space
        && (space.StartsWith("Akka.Remote", StringComparison.Ordinal) || space.StartsWith("DotNetty", StringComparison.Ordinal));

    /// <summary>Lines of one kind have the same template; without a template, the same beginning apart from digits.</summary>
    private static string KindOf(object message) => message is LogMessage { Format: { } template }
        ? Placeholder().Replace(template, "…")
        : new([.. (message.ToString() ?? "").TakeWhile(character => character is not ('[' or '\n')).Where(character => !char.IsAsciiDigit(character)).Take(KindLength)]);

    [GeneratedRegex(@"^(Association with remote system .*(Disassociated|Connection refused|No response from remote|[Tt]imed out|No route to host|Network is unreachable|quarantined)|Tried to associate with unreachable remote address .*(Disassociated|Connection refused|No route to host|Network is unreachable|quarantined)|Disassociated|AssociationError .*(Disassociated|quarantined)|Association to \[.*irrecoverably failed|\S+: (Trying to register to coordinator|No coordinator found to register)|Failed to bind to |Couldn't join seed nodes after |Joining of seed-nodes .* was unsuccessful|\S+: Dropping \[\d+\] buffered messages to shard |Remoting system has been terminated abruptly)", RegexOptions.Singleline)]
    private static partial Regex SaidElsewhere();

    [GeneratedRegex("^(Cluster Node .* - Scheduled sending of heartbeat was delayed|heartbeat interval is growing too large)")]
    private static partial Regex LateHeartbeat();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Placeholder();

    private static Level LevelOf(LogEvent line) => line.LogLevel() switch
    {
        AkkaLevel.DebugLevel => Level.Debug,
        AkkaLevel.InfoLevel => Level.Information,
        AkkaLevel.WarningLevel => Level.Warning,
        _ => Level.Error,
    };

    private sealed class RestedFromWork
    {
        public static readonly RestedFromWork Instance = new();
    }

    private sealed class Turn
    {
        public static readonly Turn Instance = new();
    }
}
