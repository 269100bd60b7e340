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
                console.TimestampFormat = "HH:mm:ss ";
            });
        }

        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.SetMinimumLevel(Level);
        logging.AddFilter("Microsoft", LogLevel.Warning);
        logging.AddFilter(typeof(TokenAuthentication).FullName, LogLevel.Warning);
    }
}
