using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MetaMap.Shared.Tests.Hosting;

/// <summary>What our actors log, as the host's logging gets it.</summary>
public sealed class NodeLoggerTests
{
    [Fact]
    public async Task Log_TemplateWithNames_ArrivesWithFieldsAndText()
    {
        using Lines lines = new();
        using IHost host = await Start(lines);
        host.Services.GetRequiredService<ActorSystem>().ActorOf(Props.Create(() => new Talker()));

        (string Text, IReadOnlyDictionary<string, object?> Fields) line = await lines.Await("failed on worker");
        Assert.Equal("run omniglot, iteration 3, block 7 failed on worker w-1: out of {memory}", line.Text);
        Assert.Equal(
            ("omniglot", 3, 7, "w-1"),
            (line.Fields["RunId"]!.ToString(), line.Fields["Iteration"], line.Fields["Block"], line.Fields["WorkerId"]!.ToString()));

        // Braces in a line without arguments are only text.
        Assert.Equal("{\"loss\": {0}}", (await lines.Await("loss")).Text);
        await host.StopAsync();
    }

    [Fact]
    public async Task Log_ManyLinesOfAkka_TheOmittedOnesAreCountedWithoutPlaceholders()
    {
        using Lines lines = new();
        using IHost host = await Start(lines);
        ILoggingAdapter log = Logging.GetLogger(host.Services.GetRequiredService<ActorSystem>(), typeof(ActorCell));
        for (int i = 0; i < LogThrottle.LinesPerKind + 2; i++)
        {
            log.Warning("the peer {0} is lost", i);
        }

        await lines.Await("the peer 4 is lost");
        await host.StopAsync();
        Assert.Equal("2 more lines like \"the peer … is lost\" were left out", (await lines.Await("more lines")).Text);
    }

    /// <summary>Data that is read for the first time keeps all cores busy, which the worker says itself.</summary>
    [Fact]
    public async Task Log_HeartbeatsAreLate_IsAWarningUnlessTheNodeHasSaidWhy()
    {
        using Lines lines = new();
        using IHost host = await Start(lines);
        ActorSystem system = host.Services.GetRequiredService<ActorSystem>();
        ILoggingAdapter log = Logging.GetLogger(system, typeof(ActorCell));
        system.EventStream.Publish(new HeavyWork(Begins: true));
        system.EventStream.Publish(new HeavyWork(Begins: true));
        system.EventStream.Publish(new HeavyWork(Begins: false));
        log.Warning("Cluster Node [{0}] - Scheduled sending of heartbeat was delayed. Previous heartbeat was sent [{1}] ms ago.", "akka.tcp://metamap@127.0.0.1:1", 5056);
        log.Warning("heartbeat interval is growing too large for address {0}: {1} millis", "akka.tcp://metamap@127.0.0.1:1", 6331);
        log.Warning("something else");
        await lines.Await("something else");
        Assert.DoesNotContain(lines.All, line => line.Contains("heartbeat", StringComparison.Ordinal));
        await host.StopAsync();

        using IHost other = await Start(lines);
        Logging.GetLogger(other.Services.GetRequiredService<ActorSystem>(), typeof(ActorCell)).Warning("heartbeat interval is growing too large for address {0}: {1} millis", "a", 1);
        await lines.Await("heartbeat interval is growing");
        await other.StopAsync();
    }

    /// <summary>Every node that had spoken with it would say so, several times.</summary>
    [Fact]
    public async Task Log_AkkaLosesANode_IsLeftToWhoeverJudgesIt()
    {
        using Lines lines = new();
        using IHost host = await Start(lines);
        ILoggingAdapter log = Logging.GetLogger(host.Services.GetRequiredService<ActorSystem>(), typeof(Akka.Remote.RemoteActorRefProvider));
        log.Error(new InvalidOperationException("Disassociated"), "Disassociated");
        log.Warning("Association with remote system {0} has failed; address is now gated for {1} ms. Reason is: [{2}]", "akka.tcp://metamap@127.0.0.1:1", 5000, "Disassociated");
        log.Warning("Tried to associate with unreachable remote address [{0}]. Address is now gated for {1} ms. Reason: [{2}]", "akka.tcp://metamap@127.0.0.1:1", 5000, "Connection refused tcp://metamap@127.0.0.1:1");
        log.Warning("Tried to associate with unreachable remote address [{0}]. Address is now gated for {1} ms. Reason: [{2}]", "akka.tcp://metamap@127.0.0.1:2", 5000, "it has another certificate");
        log.Warning("{0}: Trying to register to coordinator at [{1}], but no acknowledgement. Total [{2}] buffered messages. [{3}]", "session", "", 1, "");
        log.Warning("Association with remote system {0} has failed; address is now gated for {1} ms. Reason is: [{2}]", "akka.tcp://metamap@127.0.0.1:1", 5000, "No response from remote. Handshake timed out");
        log.Error("AssociationError [{0}] <- [{1}]: Error [{2}] []", "a", "b", "The remote system has quarantined this system. No further associations are possible.");
        log.Warning("Association to [{0}] having UID [{1}] is irrecoverably failed. UID is now quarantined.", "akka.tcp://metamap@127.0.0.1:1", 7);
        log.Warning("Couldn't join seed nodes after [{0}] attempts, will try again. seed-nodes=[{1}]", 2, "akka.tcp://metamap@127.0.0.1:1");
        log.Warning("Joining of seed-nodes [{0}] was unsuccessful after configured shutdown-after-unsuccessful-join-seed-nodes [{1}]. Running CoordinatedShutdown.", "akka.tcp://metamap@127.0.0.1:1", 20);
        log.Warning("{0}: Dropping [{1}] buffered messages to shard [{2}] during hand off to avoid re-ordering", "run", 1, 12);
        log.Warning("the peer is lost");
        await lines.Await("the peer is lost");
        Assert.DoesNotContain(lines.All, text => text.Contains("seed", StringComparison.Ordinal) || text.Contains("quarantined", StringComparison.Ordinal) || text.Contains("Handshake", StringComparison.Ordinal) || text.Contains("Dropping", StringComparison.Ordinal));
        Assert.Single(lines.All, text => text.Contains("it has another certificate", StringComparison.Ordinal));
        Assert.DoesNotContain(lines.All, text => text.Contains("127.0.0.1:1]", StringComparison.Ordinal) || text.Contains("Disassociated", StringComparison.Ordinal) || text.Contains("register", StringComparison.Ordinal));
        await host.StopAsync();
    }

    private static async Task<IHost> Start(Lines lines)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.AddProvider(lines);
        builder.Services.AddAkka(NodeSettings.SystemName, akka => akka.AddMetaMapNode(new NodeSettings { Roles = [NodeSettings.CoordinatorRole] }));
        IHost host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private sealed class Talker : ReceiveActor
    {
        public Talker()
        {
            ILoggingAdapter log = Context.GetLogger();
            log.Warning(
                "run {RunId}, iteration {Iteration}, block {Block} failed on worker {WorkerId}: {Reason}",
                new RunId("omniglot"), 3, 7, new WorkerId("w-1"), "out of {memory}");
            log.Info("{\"loss\": {0}}");
        }
    }

    private sealed class Lines : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<(string Text, IReadOnlyDictionary<string, object?> Fields)> _lines = new();

        public async Task<(string Text, IReadOnlyDictionary<string, object?> Fields)> Await(string part)
        {
            using CancellationTokenSource timeout = new(TestTime.Limit);
            using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(20));
            while (await timer.WaitForNextTickAsync(timeout.Token))
            {
                if (_lines.FirstOrDefault(line => line.Text.Contains(part, StringComparison.Ordinal)) is { Text: not null } found)
                {
                    return found;
                }
            }

            throw new InvalidOperationException("The timer ended.");
        }

        public IEnumerable<string> All => _lines.Select(line => line.Text);

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _lines.Enqueue((formatter(state, exception), ((IEnumerable<KeyValuePair<string, object?>>)state!).ToDictionary(field => field.Key, field => field.Value)));

        public void Dispose()
        {
        }
    }
}
