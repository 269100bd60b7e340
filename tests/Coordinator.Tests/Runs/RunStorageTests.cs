using MetaMap.Coordinator.Runs;
using MetaMap.Core;
using MetaMap.Core.Checkpoints;
using MetaMap.Core.Tests.Checkpoints;
using MetaMap.Core.Tests.Training;
using MetaMap.Core.Training;

namespace MetaMap.Coordinator.Tests.Runs;

public sealed class RunStorageTests : IDisposable
{
    private readonly TemporaryDirectory _folder = new();
    private readonly MetaTraining _training = TinyRun.Training();
    private readonly RunDirectory _run;

    public RunStorageTests()
    {
        _run = new RunDirectory(_folder["run"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_NewRun_BeginsAndRefusesToBeginAgain()
    {
        using (RunStorage storage = RunStorage.Open(_run, _training, resume: false))
        {
            Assert.Equal(_training.Begin(), storage.State);
            Assert.Empty(storage.IgnoredCheckpoints);
        }

        Assert.Throws<ConfigurationException>(() => RunStorage.Open(_run, _training, resume: false));
    }

    [Fact]
    public void Open_Resumed_GoesOnFromTheNewestCheckpointAndItsMetrics()
    {
        MetaState state = Train(saveAt: 5, until: 8);
        using (RunStorage resumed = RunStorage.Open(_run, _training, resume: true))
        {
            Assert.Equal(state, resumed.State);
            resumed.Append(new IterationMetrics(6, 1.5, 0.5, 2, 7, 0));
        }

        string[] lines = File.ReadAllLines(_run.MetricsPath);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith("{\"iteration\":5,", lines[4], StringComparison.Ordinal);
        Assert.Equal("""{"iteration":6,"query_loss":1.5,"query_accuracy_fraction":0.5,"meta_gradient_norm":2,"counted_episodes":7,"excluded_episodes":0}""", lines[5]);
    }

    [Fact]
    public void Open_ResumedBeforeTheFirstCheckpoint_BeginsAnew()
    {
        RunStorage.Open(_run, _training, resume: false).Dispose();
        using RunStorage resumed = RunStorage.Open(_run, _training, resume: true);
        Assert.Equal(_training.Begin(), resumed.State);
    }

    [Fact]
    public void Open_ResumedWithOtherOptions_IsRefused()
    {
        Train(saveAt: 2, until: 2);
        ConfigurationException error = Assert.Throws<ConfigurationException>(
            () => RunStorage.Open(_run, TinyRun.Training(TinyRun.Options with { InnerLr = 0.1 }), resume: true));
        Assert.Contains("was trained with other options", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_ResumedWithMoreIterations_RemembersThem()
    {
        Train(saveAt: 2, until: 2);
        using RunStorage resumed = RunStorage.Open(_run, TinyRun.Training(TinyRun.Options with { Iterations = 99, EvalEpisodes = 3 }), resume: true);
        Assert.Equal(TinyRun.Options with { Iterations = 99, EvalEpisodes = 3 }, _run.ReadOptions());
    }

    [Fact]
    public void Open_NothingToResume_IsRefused() =>
        Assert.Contains("no run that can be resumed", Assert.Throws<ConfigurationException>(() => RunStorage.Open(_run, _training, resume: true)).Message, StringComparison.Ordinal);

    [Fact]
    public void Open_EveryCheckpointDamaged_IsRefusedInsteadOfStartingAnew()
    {
        Train(saveAt: 2, until: 2);
        string checkpoint = Assert.Single(Directory.GetFiles(_folder["run/checkpoints"]));
        File.WriteAllText(checkpoint, "torn");
        DataException error = Assert.Throws<DataException>(() => RunStorage.Open(_run, _training, resume: true));
        Assert.Contains(checkpoint, error.Message, StringComparison.Ordinal);
    }

    private MetaState Train(int saveAt, int until)
    {
        MetaState? saved = null;
        using RunStorage storage = RunStorage.Open(_run, _training, resume: false);
        using var trainer = new LocalMetaTrainer(TinyRun.Training(TinyRun.Options with { Iterations = until }), () => new FakeEpisodeLearner(), 1);
        trainer.Train(storage.State, (state, metrics) =>
        {
            storage.Append(metrics);
            if (state.Iteration == saveAt)
            {
                saved = state;
                _run.Save(state, new ModelFile("run", state.Iteration, _training.Options, _training.Shape, state.Parameters));
            }
        });
        return saved!;
    }
}
