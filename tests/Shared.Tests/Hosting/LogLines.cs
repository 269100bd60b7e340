using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace MetaMap.Shared.Tests.Hosting;

/// <summary>What a node has logged, to wait for a line.</summary>
internal sealed class LogLines : ILoggerProvider, ILogger
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>Every line so far.</summary>
    public ConcurrentQueue<string> All { get; } = new();

    /// <summary>Reads on until a line has this text.</summary>
    public async Task<string> Await(string text, TimeSpan limit)
    {
        using CancellationTokenSource timeout = new(limit);
        try
        {
            await foreach (string line in _lines.Reader.ReadAllAsync(timeout.Token))
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    return line;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Told below.
        }

        throw new Xunit.Sdk.XunitException($"No line with '{text}' within {limit}, but:\n{string.Join('\n', All)}");
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        string line = $"{formatter(state, exception)}{exception}";
        All.Enqueue(line);
        _lines.Writer.TryWrite(line);
    }

    public void Dispose() => _lines.Writer.TryComplete();
}
