using Akka.Event;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Receives the log lines that Akka writes before its loggers start and after they stop. Akka's own logger prints them to
/// standard output, which belongs to results, even when its level is off (lines left in a stopping logger's mailbox). This
/// one prints warnings and errors to standard error.
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
