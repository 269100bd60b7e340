using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Algorithms.MamlPlusPlusParts;

public sealed class StatisticsTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Differentiate_FirstStep_ReportsStoredMinusWhatTheSupportSetShows(bool recompute)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new FamilyProblem("maml++", "conv4-stride", innerSteps: 2, recompute);
        IReadOnlyList<torch.Tensor> gradient = problem.Differentiate().Gradient;
        torch.Tensor[] theta = problem.Theta;
        // Layer 1 sees the first convolution of the inputs: support before step 0, query after the last.
        torch.Tensor seen = torch.nn.functional.conv2d(
            problem.Episode.Data.SupportInputs, theta[0], theta[1], strides: [2, 2], padding: [1, 1]).detach();
        int mean = theta.Length - 8;                        // four layers of mean and variance end the layout
        Assert.Equal([3, 4], gradient[mean].shape);
        Assert.True(gradient[mean][0].allclose(theta[mean].detach()[0] - seen.mean([0, 2, 3]), 1e-12, 1e-12));
        Assert.True(gradient[mean + 1][0].allclose(theta[mean + 1].detach()[0] - seen.var([0, 2, 3], unbiased: false), 1e-12, 1e-12));
        Assert.False(gradient[mean][1].allclose(gradient[mean][0], 1e-6, 1e-6));
    }

    [Fact]
    public void PredictInductive_OtherQueriesChange_OutputsOfAQueryDoNot()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var problem = new FamilyProblem("maml++", "conv4-stride", innerSteps: 2);
        torch.Tensor queries = problem.Episode.Data.QueryInputs;
        int shown = 0;
        FamilyProblem.Create("maml++", 2).Adapt(problem.Theta, problem.Episode, innerSteps: 4, (_, mapping) =>
        {
            torch.Tensor together = mapping.PredictInductive(queries);
            Assert.True(together.narrow(0, 0, 2).allclose(mapping.PredictInductive(queries.narrow(0, 0, 2)), 1e-12, 1e-12));
            Assert.False(together.allclose(mapping.PredictTransductive(queries), 1e-3, 1e-3));
            shown++;
        });
        Assert.Equal(5, shown);                             // steps beyond those of training take the last rows
    }

    [Fact]
    public void Schema_OfARun_HasRowsPerStepAndTheMetaRateOfThePaper()
    {
        RunOptions options = OptionValues.Of(("algorithm", "maml++"), ("filters", 8)).Resolve();
        Assert.Equal(0.00001, options.MetaLrFinal);
        ParameterSchema schema = FirstParameters.Schema(options, new PatternDataset(classes: 12));
        ParameterDefinition Find(string name) => schema.Definitions.Single(d => d.Entry.Name == name);
        Assert.Equal([6, 8], [.. Find("norm2.weight").Entry.Shape]);
        Assert.Equal([5], [.. Find("rate.conv2.weight").Entry.Shape]);
        Assert.Equal((ParameterRole.Rule, ParameterRole.Statistic), (Find("rate.head.bias").Role, Find("norm4.variance").Role));
        Assert.DoesNotContain(schema.Definitions, d => d.Entry.Name.StartsWith("rate.norm", StringComparison.Ordinal));
    }

    [Fact]
    public void ComputeBlock_SecondIteration_MultiStepLossIsAnotherGradient()
    {
        RunOptions options = OptionValues.Of(("algorithm", "maml++"), ("ways", 3), ("filters", 8), ("inner_steps", 3), ("multi_step_iterations", 5), ("first_order_iterations", 6)).Resolve();
        var dataset = new PatternDataset(classes: 12);
        using EpisodeLearner learner = EpisodeLearner.Create(options, dataset);
        ParameterVector theta = FirstParameters.Of(options, dataset, seed: 1);
        BlockGradient At(int iteration) => learner.ComputeBlock(theta, iteration, dataset.BlockOf(options.EpisodeShape, 1), CancellationToken.None);
        string[] shas = [.. new[] { 1, 3, 6, 7, 8 }.Select(iteration => At(iteration).GradientSum.Sha256)];
        Assert.Equal(4, shas.Distinct().Count());           // two weights, last step in first order, then second order twice
        Assert.Equal(shas[3], shas[4]);
    }
}
