using Akka.Actor;
using MetaMap.Coordinator.Http;
using MetaMap.Coordinator.Runs;
using MetaMap.Core.Checkpoints;
using MetaMap.Shared.Messages;

namespace MetaMap.Coordinator.Tests.Runs;

/// <summary>Two coordinators over one store, of which one knows of the other's deeds by the store alone.</summary>
public sealed class RunCatalogTests : RunEntityKit
{
    private readonly RunBoard _otherBoard = new();

    [Fact]
    public async Task Find_PausedHereAndResumedElsewhere_IsAsTheOtherCoordinatorHasIt()
    {
        IActorRef other = await PausedHere();
        Assert.IsType<RunChanged>(await other.Ask<object>(new ResumeRun(new RunId(Name)), Limit));
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
        Assert.IsType<RunStopped>(await other.Ask<object>(new StopRun(new RunId(Name)), Limit));
        Assert.Equal(("stopped", 1L), await Shown());
    }

    [Fact]
    public async Task Find_PausedHereAndDeletedElsewhere_IsNotThere()
    {
        IActorRef other = await PausedHere();
        Assert.IsType<RunChanged>(await other.Ask<object>(new DeleteRun(new RunId(Name)), Limit));
        Assert.Null(await Catalog().Find(Name));
        Assert.Null(await Catalog().Current());
    }

    /// <returns>The run's entity on the other coordinator.</returns>
    private async Task<IActorRef> PausedHere()
    {
        IActorRef here = await Start();
        await here.Ask<RunChanged>(new PauseRun(new RunId(Name)), Limit);
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
