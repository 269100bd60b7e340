using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using MetaMap.Shared.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Shared.Tests.Hosting;

public class NodeLoggerTests
{
    [Fact]
    public async Task Log_MessageTemplate_ItsArgumentsAreFieldsAndTheTextIsTheSame()
    {
        ConcurrentQueue<IReadOnlyList<KeyValuePair<string, object?>>> lines = [];
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(new Capture(lines));
        builder.Services.AddAkka(NodeSettings.SystemName, akka => akka.AddMetaMapNode(new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }));
        using IHost host = builder.Build();
        await host.StartAsync();
        ILoggingAdapter log = Logging.GetLogger(host.Services.GetRequiredService<ActorSystem>(), typeof(NodeLoggerTests));
        log.Info("block {Block} of run {Run} from worker {Worker}", 3, "omniglot", "w-1");
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(30));
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        IReadOnlyList<KeyValuePair<string, object?>>? line;
        while ((line = lines.FirstOrDefault(fields => fields.Any(field => field.Key == "Block"))) is null)
        {
            await timer.WaitForNextTickAsync(timeout.Token);
        }

        Assert.Equal(3, line.Single(field => field.Key == "Block").Value);
        Assert.Equal("omniglot", line.Single(field => field.Key == "Run").Value);
        Assert.Equal("w-1", line.Single(field => field.Key == "Worker").Value);
        Assert.Equal("block 3 of run omniglot from worker w-1", line.ToString());
        await host.StopAsync();
    }

    private sealed class Capture(ConcurrentQueue<IReadOnlyList<KeyValuePair<string, object?>>> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (state is IReadOnlyList<KeyValuePair<string, object?>> fields)
            {
                lines.Enqueue(fields);
            }
        }
    }
}
