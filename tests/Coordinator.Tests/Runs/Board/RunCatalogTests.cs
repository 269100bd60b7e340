using Akka.Actor;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs.Board;
using MetaMap.Coordinator.Runs.Lifecycle;
using MetaMap.Coordinator.Runs.Preparation;
using MetaMap.Coordinator.Stores;
using MetaMap.Coordinator.Stores.Postgres;
using MetaMap.Shared.Messages;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;

namespace MetaMap.Coordinator.Tests.Runs.Board;

/// <summary>Two coordinators over one store, of which one knows of the other's deeds by the store alone.</summary>
public sealed class RunCatalogTests : RunEntityKit
{
    private readonly RunBoard _otherBoard = new();

    [Fact]
    public async Task Find_PausedHereAndResumedElsewhere_IsAsTheOtherCoordinatorHasIt()
    {
        IActorRef other = await PausedHere();
        Assert.IsType<RunChanged>(await other.Ask<object>(Command(RunCommand.Resume), TestTime.Limit));
        Assert.Equal(("training", 2L), await Shown());

        Work(other, 4, FakeWorker.Honest);
        RunSnapshot end = await Last(_otherBoard);
        AssertOracle(end);
        Assert.Equal(("finished", 2L), await Shown());
        RunCatalog catalog = Catalog();
        ModelFile? model = await catalog.Model((await catalog.Find(Name))!, null);
        Assert.Equal(end.Model, model);
        Assert.Equal(model, await catalog.Model((await catalog.Current())!, null));
    }

    [Fact]
    public async Task Find_PausedHereAndStoppedElsewhere_IsStopped()
    {
        IActorRef other = await PausedHere();
        Assert.IsType<RunChanged>(await other.Ask<object>(Command(RunCommand.Stop), TestTime.Limit));
        Assert.Equal(("stopped", 1L), await Shown());
    }

    [Fact]
    public async Task Find_PausedHereAndDeletedElsewhere_IsNotThere()
    {
        IActorRef other = await PausedHere();
        Assert.IsType<RunChanged>(await other.Ask<object>(Command(RunCommand.Delete), TestTime.Limit));
        Assert.Null(await Catalog().Find(Name));
        Assert.Null(await Catalog().Current());
    }

    [Fact]
    public async Task TryReserve_DeletedElsewhere_TheNameIsFreeAndTheBoardForgetsTheRun()
    {
        IActorRef other = await PausedHere();
        Assert.False(await Catalog().TryReserve(new RunId(Name)));
        await other.Ask<RunChanged>(Command(RunCommand.Delete), TestTime.Limit);
        Assert.True(await Catalog().TryReserve(new RunId(Name)));
        Assert.Empty(Board.Runs);
        Assert.False(await Catalog().TryReserve(new RunId(Name)));
    }

    /// <summary>The board is what /metrics shows; nobody asks for the run again.</summary>
    [Fact]
    public async Task Keeper_DeletedElsewhere_TheBoardForgetsTheRun()
    {
        IActorRef other = await PausedHere();
        await other.Ask<RunChanged>(Command(RunCommand.Delete), TestTime.Limit);
        RunServices services = Services();
        IActorRef nobody = CreateTestProbe().Ref;
        Sys.ActorOf(Props.Create(() => new RunKeeper(services, nobody, new LeftRuns(areTakenUp: true))));
        AwaitCondition(() => Board.Runs.Count == 0, TestTime.Limit);
    }

    [Fact]
    public async Task Current_NewerRunElsewhere_IsThatOne()
    {
        await Start();
        Assert.Equal(Name, (await Catalog().Current())!.Snapshot!.RunId.Value);
        Time.Advance(TimeSpan.FromSeconds(1));
        IActorRef other = Entity(Services(board: _otherBoard));
        await other.Ask<RunStarted>(StartMessage() with { RunId = new RunId("newer"), IsAttended = false }, TestTime.Limit);
        Assert.Equal("newer", RunBody.From((await Catalog().Current())!).RunId);
    }

    [Fact]
    public async Task Current_StoreThatDoesNotAnswer_IsWhatThisNodeTrains()
    {
        await using PostgresStore gone = new("Host=127.0.0.1;Port=1;Database=none;Username=none");
        RunCatalog catalog = new(Board, gone);
        await Assert.ThrowsAsync<StoreException>(catalog.Current);
        await Start();
        Assert.Equal(Name, (await catalog.Current())!.Snapshot!.RunId.Value);
    }

    /// <returns>The run's entity on the other coordinator.</returns>
    private async Task<IActorRef> PausedHere()
    {
        IActorRef here = await Start();
        await here.Ask<RunChanged>(Command(RunCommand.Pause), TestTime.Limit);
        Assert.Equal(("paused", 1L), await Shown());
        return Entity(Services(board: _otherBoard));
    }

    private RunCatalog Catalog() => new(Board, Services().Store);

    /// <returns>What this coordinator shows of the run: alone, and in the list.</returns>
    private async Task<(string Status, long Epoch)> Shown()
    {
        RunBody run = RunBody.From((await Catalog().Find(Name))!);
        RunBody listed = RunBody.From(Assert.Single(await Catalog().List()));
        Assert.Equal((run.Status, run.Epoch, run.Iteration), (listed.Status, listed.Epoch, listed.Iteration));
        return (run.Status, run.Epoch);
    }
}
