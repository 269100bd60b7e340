using Akka.Event;

namespace MetaMap.Shared.Hosting;

/// <summary>
/// Converts a line of one of our actors to what the host's logging expects: a template and its named arguments, so that run,
/// iteration, block and worker are fields of the line and not only words in it.
/// </summary>
internal static class LogTemplate
{
    /// <summary>Template and arguments of a logged message; a line without arguments is itself an argument, so that its braces do no harm.</summary>
    public static (string Template, object?[] Arguments) Of(object message) =>
        message is LogMessage { Format: { } template } line && line.Parameters().ToArray() is { Length: > 0 } arguments && arguments.Length == line.PropertyNames.Count
            ? (template, arguments)
            : ("{Line}", [message]);
}
