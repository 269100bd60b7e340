using Akka.Event;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Takes the log lines that Akka has before its loggers start and after they stop. Akka's own stand-in prints them to
/// standard output, which belongs to results, and does so even when its level is off (what is left in a stopping
/// logger's mailbox). This one prints warnings and errors to standard error.
/// </summary>
internal sealed class StandardErrorLogger : MinimalLogger
{
    /// <inheritdoc />
    protected override void Log(object message)
    {
        if (message is Warning or Error)
        {
            Console.Error.WriteLine(message);
        }
    }
}
