using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Loop;

public sealed class LocalMetaTrainerTests
{
    private static readonly MetaTraining _training = TinyRun.Training();

    [Fact]
    public void Train_AnyNumberOfLanes_GivesTheSameBits()
    {
        MetaState[] states = [.. Enumerable.Range(1, 4).Select(lanes => Train(_training.Begin(), lanes))];
        Assert.All(states, state => Assert.Equal(12, state.Iteration));
        Assert.Single(states.Distinct());
        Assert.NotEqual(_training.Begin().Parameters, states[0].Parameters);
    }

    [Fact]
    public void Train_ResumedFromACheckpointInTheMiddle_GivesTheSameBits()
    {
        byte[]? checkpoint = null;
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 2);
        MetaState whole = trainer.Train(_training.Begin(), (state, _) => checkpoint = state.Iteration == 5 ? Checkpoint.Encode(state) : checkpoint);
        MetaState middle = Checkpoint.Decode(checkpoint, _training.Layout, "test");
        Assert.Equal(5, middle.Iteration);
        Assert.Equal(whole, Train(middle, 3));
    }

    [Fact]
    public void Train_EachCommit_IsReportedOnceInOrder()
    {
        var reported = new List<(int State, int Metrics)>();
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 2);
        trainer.Train(_training.Begin(), (state, metrics) => reported.Add((state.Iteration, metrics.Iteration)));
        Assert.Equal(Enumerable.Range(1, 12).Select(i => (i, i)), reported);
    }

    [Fact]
    public void Train_OneNonFiniteBlock_IsLeftOutAndTheRestGoesOn()
    {
        var excluded = new List<int>();
        using var trainer = new LocalMetaTrainer(_training, () => new PoisonedLearner(block => block.Index == 1), 1);
        MetaState end = trainer.Train(_training.Begin(), (_, metrics) => excluded.Add(metrics.ExcludedEpisodes));
        Assert.Equal(Enumerable.Repeat(2, 12), excluded);
        Assert.All(end.Parameters.Values.ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.NotEqual(end, Train(_training.Begin(), 1));
    }

    [Fact]
    public void Train_MoreThanHalfIsNotFinite_DivergesAndNamesTheFirstEpisode()
    {
        MetaState? last = null;
        using var trainer = new LocalMetaTrainer(_training, () => new PoisonedLearner(block => block.Index is 1 or 2), 1);
        DivergedException error = Assert.Throws<DivergedException>(() => trainer.Train(_training.Begin(), (state, _) => last = state));
        Assert.Null(last);
        Assert.Equal((1, 2), (error.Iteration, error.EpisodeIndex));
        Assert.Contains("only 3 of 7 episodes count (block 1 of iteration 1 was not finite in any attempt", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Train_NothingFinite_DivergesAndKeepsTheLastState()
    {
        MetaState? last = null;
        int blocks = 0;
        using var trainer = new LocalMetaTrainer(_training, () => new PoisonedLearner(_ => Interlocked.Increment(ref blocks) > 12), 1);
        DivergedException error = Assert.Throws<DivergedException>(() => trainer.Train(_training.Begin(), (state, _) => last = state));
        Assert.Equal(3, last!.Iteration);
        Assert.Contains("at iteration 4", error.Message, StringComparison.Ordinal);
        Assert.Equal(last, TrainUntil(3));
    }

    [Fact]
    public void Train_Cancelled_Stops()
    {
        using var cancellation = new CancellationTokenSource();
        int commits = 0;
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 2);
        Assert.ThrowsAny<OperationCanceledException>(() => trainer.Train(_training.Begin(), (state, _) =>
        {
            commits = state.Iteration;
            if (commits == 4)
            {
                cancellation.Cancel();
            }
        }, cancellation.Token));
        Assert.Equal(4, commits);
    }

    [Fact]
    public void Dispose_Learners_AreDisposed()
    {
        var learners = new List<FakeEpisodeLearner>();
        using (var trainer = new LocalMetaTrainer(_training, () => { learners.Add(new()); return learners[^1]; }, 3))
        {
            trainer.Train(_training.Begin());
        }

        Assert.Equal(3, learners.Count);
        Assert.All(learners, learner => Assert.True(learner.IsDisposed));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 0));
    }

    private static MetaState Train(MetaState state, int lanes)
    {
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), lanes);
        return trainer.Train(state);
    }

    private static MetaState TrainUntil(int iteration)
    {
        MetaState? found = null;
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), 1);
        trainer.Train(_training.Begin(), (state, _) => found = state.Iteration == iteration ? state : found);
        return found!;
    }
}
