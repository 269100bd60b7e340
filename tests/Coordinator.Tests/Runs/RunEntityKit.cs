using Akka.Actor;
using Akka.Cluster;
using Akka.Hosting;
using Akka.TestKit;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores.Directories;
using MetaMap.Coordinator.Workers;
using MetaMap.Data.Glyphs;
using MetaMap.Shared.Blobs;
using MetaMap.Shared.Hosting;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Loop;
using MetaMap.Training.Rounds;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>A run entity with a real store in a folder, a clock that stands, and workers as a test wants them.</summary>
public abstract class RunEntityKit : ClusterTestKit
{
    private protected const string Name = "test-run";
    private protected static RunOptions Options { get; } = TinyRun.Options.With(("dataset", "glyphs"), ("iterations", 15));
    private protected static MetaTraining Training { get; } = new(Name, Options, new GlyphDataset().Catalog);

    private protected TemporaryDirectory Folder { get; } = new();
    private protected RunBoard Board { get; } = new();
    private protected ManualTime Time { get; } = new();
    private protected BlobStore Blobs { get; } = new();
    private protected TestProbe WorkforceProbe { get; }
    private int _workers;

    protected RunEntityKit()
    {
        WorkforceProbe = CreateTestProbe();
        ActorRegistry.For(Sys).Register<WorkforceActor>(WorkforceProbe.Ref);
        Sys.ActorOf(BlobHolder.Props(Blobs), BlobHolder.Name);
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        Folder.Dispose();
    }

    private protected static FakeWorker.Behaviour Called(string name) => typeof(FakeWorker).GetMethod(name)!.CreateDelegate<FakeWorker.Behaviour>();

    private protected static StartRun StartMessage(bool resume = false) => new(new RunId(Name), RunOptionsJson.Write(Options), resume, true, RunPolicy.Default);

    private protected static CommandRun Command(RunCommand command) => new(new RunId(Name), command);

    private protected static void AssertOracle(RunSnapshot end, MetaTraining? training = null)
    {
        Assert.Equal(RunStatus.Finished, end.Status);
        training ??= Training;
        using var local = new LocalMetaTrainer(training, () => new FakeEpisodeLearner(), 1);
        Assert.Equal(local.Train(training.Begin()), end.State);
    }

    /// <summary>A coordinator's services over the one folder.</summary>
    /// <param name="checkpointInterval">The longest pause between two commits.</param>
    /// <param name="board">Its board, where it is not the first coordinator.</param>
    private protected RunServices Services(TimeSpan? checkpointInterval = null, RunBoard? board = null)
    {
        var settings = new CoordinatorSettings
        {
            Node = new NodeSettings { Roles = [NodeSettings.CoordinatorRole] },
            RunsDirectory = Folder.Path,
            CheckpointInterval = checkpointInterval ?? TimeSpan.FromHours(1),
        };
        return new RunServices(settings, Blobs, board ?? Board, new WorkerBoard(), new DirectoryStore(settings.RunsDirectory, TimeProvider.System), Time);
    }

    private protected IActorRef Entity(RunServices services) => Sys.ActorOf(Props.Create(() => new RunEntity(services, new LeftRuns(areTakenUp: true))));

    private protected IActorRef Entity(TimeSpan? checkpointInterval = null) => Entity(Services(checkpointInterval));

    private protected async Task<IActorRef> Start(TimeSpan? checkpointInterval = null, int minWorkers = 1, double audit = 0)
    {
        IActorRef run = Entity(checkpointInterval);
        Assert.Equal(0, (await run.Ask<RunStarted>(StartMessage() with { Policy = new RunPolicy(1, minWorkers, audit) }, TestTime.Limit)).Iteration);
        return run;
    }

    private protected void Work(IActorRef run, int lanes, FakeWorker.Behaviour behaviour)
    {
        WorkerId id = new($"worker-{_workers++}");
        string address = Cluster.Get(Sys).SelfAddress.ToString();
        IActorRef worker = Sys.ActorOf(Props.Create(() => new FakeWorker(id, run, Training.Layout, address, behaviour)));
        run.Tell(new RequestBlocks(new RunId(Name), id, lanes, "direct"), worker);
    }

    private protected TestProbe Probe(IActorRef run, string id, int lanes)
    {
        TestProbe probe = CreateTestProbe();
        run.Tell(new RequestBlocks(new RunId(Name), new WorkerId(id), lanes, "direct"), probe.Ref);
        return probe;
    }

    private protected async Task<RunSnapshot> Until(Func<RunSnapshot, bool> isReached)
    {
        using var limit = new CancellationTokenSource(TestTime.Limit);
        await foreach (RunSnapshot snapshot in Board.Watch(new RunId(Name), limit.Token))
        {
            if (isReached(snapshot))
            {
                return snapshot;
            }
        }

        throw new InvalidOperationException("The run is over.");
    }

    private protected Task<RunSnapshot> End() => Last(Board);

    private protected static async Task<RunSnapshot> Last(RunBoard board)
    {
        RunSnapshot? last = null;
        using var limit = new CancellationTokenSource(TestTime.Limit);
        await foreach (RunSnapshot snapshot in board.Watch(new RunId(Name), limit.Token))
        {
            last = snapshot;
        }

        return last!;
    }
}
