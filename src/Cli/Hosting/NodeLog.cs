using MetaMap.Coordinator.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace MetaMap.Cli.Hosting;

/// <summary>How a node logs, always to standard error.</summary>
/// <param name="Level">The lowest level that is logged.</param>
/// <param name="Format"><c>text</c>, or <c>json</c>: one object per line, with run, iteration, block and worker as fields.</param>
internal sealed record NodeLog(LogLevel Level, string Format = NodeLog.Text)
{
    public const string Text = "text";
    public const string Json = "json";

    // Of all programs: https://no-color.org.
    private const string NoColor = "NO_COLOR";

    public void Configure(ILoggingBuilder logging)
    {
        logging.ClearProviders();
        if (Format == Json)
        {
            logging.AddJsonConsole(console => console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffzzz");
        }
        else
        {
            logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                // The framework looks at standard output instead.
                console.ColorBehavior = Console.IsErrorRedirected || Environment.GetEnvironmentVariable(NoColor) is { Length: > 0 } ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Enabled;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }

        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(Level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        // A host that cannot start or stop says so by an exception, of which the command makes one sentence.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.AddFilter(typeof(TokenAuthentication).FullName, LogLevel.Warning);
    }
}
