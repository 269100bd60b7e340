using MetaMap.Core.Parameters;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using MetaMap.Training.Evaluation;
using MetaMap.Training.Loop;

namespace MetaMap.Training.Tests.Loop;

public sealed class ModelSelectionTests
{
    private static readonly RunOptions _options = TinyRun.Options with { Iterations = 40, ValidationInterval = 2, ValidationEpisodes = 5, Patience = 3 };
    private static readonly MetaTraining _training = TinyRun.Training(_options);

    [Fact]
    public void Add_OnlyABetterScore_ReplacesTheBest()
    {
        ParameterVector first = _training.Begin().Parameters;
        ParameterVector other = ParameterVector.Zeros(_training.Layout);
        ModelSelection selection = ModelSelection.Add(null, 2, double.NaN, first);
        Assert.Equal((2, 2, double.NegativeInfinity, 0), (selection.LastIteration, selection.BestIteration, selection.BestScore, selection.SinceBest));
        selection = ModelSelection.Add(selection, 4, 0.5, other);
        Assert.Equal((4, 0), (selection.BestIteration, selection.SinceBest));
        selection = ModelSelection.Add(ModelSelection.Add(selection, 6, 0.5, first), 8, double.NaN, first);
        Assert.Equal((8, 4, 2, other), (selection.LastIteration, selection.BestIteration, selection.SinceBest, selection.BestParameters));
        Assert.True(selection.IsExhausted(2));
        Assert.False(selection.IsExhausted(3));
        Assert.False(selection.IsExhausted(0));
    }

    [Fact]
    public void Score_IsAccuracyOrTheNegativeError()
    {
        EvaluationResult measured = new(1, 1, new(2, double.NaN), new(0.75, double.NaN), new(3, double.NaN), new(0.5, double.NaN), 1, []);
        Assert.Equal((0.75, -2.0), (ModelSelection.Score(measured, false), ModelSelection.Score(measured, true)));
    }

    [Fact]
    public void Train_WithPatience_StopsEarlyAndAlikeWithAnyLanesAndAfterAnyCheckpoint()
    {
        var states = new List<MetaState>();
        MetaState end = Train(_training.Begin(), 1, states);
        Assert.InRange(end.Iteration, 8, 38);
        Assert.True(_training.IsStoppedEarly(end));
        Assert.Equal(3, end.Selection!.SinceBest);
        Assert.Equal(end.Iteration - 6, end.Selection.BestIteration);
        Assert.Equal(states.First(state => state.Iteration == end.Selection.BestIteration).Parameters, end.Selection.BestParameters);
        Assert.Equal(end, Train(_training.Begin(), 3, []));
        foreach (MetaState state in states)
        {
            MetaState restored = Checkpoint.Decode(Checkpoint.Encode(state), _training.Layout, "a test");
            Assert.Equal(state, restored);
            Assert.Equal(end, Train(restored, 2, []));
        }
    }

    private static MetaState Train(MetaState state, int lanes, List<MetaState> states)
    {
        using var trainer = new LocalMetaTrainer(_training, () => new FakeEpisodeLearner(), lanes) { OnValidated = (after, _) => states.Add(after) };
        return trainer.Train(state, (after, _) => states.Add(after));
    }
}
