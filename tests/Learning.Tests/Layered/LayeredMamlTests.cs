using CsCheck;
using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Batched;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Layered;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Learning.Tests.Batched;
using MetaMap.Testing;
using MetaMap.Training.Configuration;
using MetaMap.Training.Episodes;
using TorchSharp;

namespace MetaMap.Learning.Tests.Layered;

/// <summary>Meta-gradients without graphs against those through libtorch's graphs, in float64.</summary>
public sealed class LayeredMamlTests
{
    [Theory]
    [InlineData("maml", "conv4-stride", 28, 8, 5, 1, 3, 1)]
    [InlineData("maml", "conv4-stride", 13, 5, 3, 2, 2, 3)]
    [InlineData("maml", "conv4", 28, 8, 5, 1, 3, 1)]
    [InlineData("maml", "conv4", 21, 6, 2, 3, 1, 3)]
    [InlineData("maml", "mlp", 6, 0, 4, 2, 3, 4)]
    [InlineData("fomaml", "conv4", 16, 4, 3, 1, 2, 2)]
    [InlineData("fomaml", "mlp", 5, 0, 3, 1, 2, 3)]
    [InlineData("anil", "conv4-stride", 11, 4, 3, 2, 2, 3)]
    [InlineData("anil", "mlp", 5, 0, 3, 2, 2, 3)]
    [InlineData("boil", "conv4", 17, 4, 3, 1, 2, 2)]
    [InlineData("boil", "mlp", 5, 0, 3, 2, 2, 3)]
    [InlineData("meta-sgd", "conv4-stride", 12, 4, 3, 1, 2, 2)]
    [InlineData("meta-sgd", "mlp", 5, 0, 3, 1, 2, 3)]
    [InlineData("maml", "cnn", 28, 0, 3, 2, 1, 2)]
    [InlineData("fomaml", "cnn", 9, 0, 3, 1, 2, 2)]
    [InlineData("anil", "cnn", 5, 0, 3, 2, 2, 3)]
    [InlineData("boil", "cnn", 17, 0, 2, 1, 2, 2)]
    [InlineData("meta-sgd", "cnn", 11, 0, 3, 1, 2, 2)]
    [InlineData("maml++", "conv4-stride", 13, 5, 3, 2, 2, 3)]
    [InlineData("maml++", "conv4", 17, 4, 3, 1, 2, 2)]
    [InlineData("maml++", "mlp", 5, 0, 3, 2, 2, 3)]
    [InlineData("maml++", "cnn", 9, 0, 3, 1, 2, 2)]
    [InlineData("imaml", "conv4-stride", 13, 5, 3, 2, 2, 3)]
    [InlineData("imaml", "conv4", 17, 4, 3, 1, 2, 2)]
    [InlineData("imaml", "mlp", 5, 0, 3, 2, 2, 5)]
    [InlineData("imaml", "cnn", 9, 0, 3, 1, 2, 2)]
    public void Add_Classes_EqualsTheGradientThroughGraphs(string algorithm, string model, int side, int filters, int ways, int shots, int queries, int steps)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            AssertEqual(algorithm, model, new ImageShape(1 + 2 * (seed % 2), side, side), filters, ways, shots, queries, steps, seed, targetLength: 0);
        }
    }

    [Theory]
    [InlineData("maml", "conv4-stride", 12, 4, 5)]
    [InlineData("maml", "mlp", 3, 0, 10)]
    [InlineData("meta-sgd", "mlp", 3, 0, 4)]
    [InlineData("maml", "cnn", 10, 0, 4)]
    [InlineData("maml++", "conv4-stride", 12, 4, 5)]
    [InlineData("imaml", "mlp", 3, 0, 5)]
    public void Add_ValuesToPredict_EqualsTheGradientThroughGraphs(string algorithm, string model, int side, int filters, int shots) =>
        AssertEqual(algorithm, model, new ImageShape(1, side, side), filters, 1, shots, 3, 2, seed: 5, targetLength: 2);

    [Theory]
    [InlineData("maml", "conv4-stride", 8, 4, 0.25f, 1e-8)] // nearly no variance
    [InlineData("maml", "cnn", 8, 0, 0.25f, 1e-10)]
    [InlineData("maml", "cnn", 12, 0, 0f, 1e-10)]
    [InlineData("maml++", "conv4-stride", 8, 4, 0.25f, 1e-8)]
    [InlineData("maml++", "conv4-stride", 12, 4, 0f, 1e-8)]
    [InlineData("imaml", "cnn", 12, 0, 0f, 1e-10)]
    [InlineData("imaml", "conv4-stride", 8, 4, 0.25f, 1e-8)]
    public void Add_ConstantImages_EqualsTheGradientThroughGraphs(string algorithm, string model, int side, int filters, float constant, double tolerance) =>
        AssertEqual(algorithm, model, new ImageShape(1, side, side), filters, 2, 1, 2, 2, seed: 1, targetLength: 0, constant, tolerance);

    /// <summary>Any image, way, shot, query and step.</summary>
    [Fact]
    public void Add_AnyEpisodes_EqualsTheGradientThroughGraphs() => Gen.Select(
        OneOf("maml", "fomaml", "anil", "boil", "meta-sgd", "maml++", "imaml"), OneOf("conv4-stride", "conv4", "mlp", "cnn"), Gen.Int[3, 19], Gen.Int[3, 19], Gen.Int[2, 4], Gen.Int[1, 3],
        Gen.Int[1, 3], Gen.Int[0, 1000]).Repeatable().Sample((algorithm, model, height, width, ways, shots, steps, seed) =>
        {
            int smallest = model == "conv4" ? 16 : 3;
            AssertEqual(
                algorithm, model, new ImageShape(1 + seed % 3, Math.Max(height, smallest), Math.Max(width, smallest)), model is "conv4" or "conv4-stride" ? 1 + seed % 9 : 0, ways, shots,
                queries: 1 + seed % 2, steps, seed, targetLength: 0);
        }, iter: 20, threads: 1);

    /// <summary>As training computes it, against float64, at sizes that fill no vector: the median of three seeds, because a maximum that falls the other way moves a single one.</summary>
    [Theory]
    [InlineData("conv4-stride", 8, 1)]
    [InlineData("conv4-stride", 20, 5)]
    [InlineData("conv4-stride", 48, 17)]
    [InlineData("conv4-stride", 64, 20)]
    [InlineData("conv4", 5, 4)]
    [InlineData("conv4", 32, 16)]
    [InlineData("conv4", 64, 5)]
    [InlineData("mlp", 0, 25)]
    [InlineData("cnn", 0, 1)]
    [InlineData("cnn", 0, 17)]
    [InlineData("conv4-stride", 8, 5, "maml++")]
    [InlineData("conv4", 20, 4, "maml++")]
    [InlineData("conv4-stride", 20, 4, "imaml")]
    public void Add_Float32_EqualsFloat64(string model, int filters, int shots, string algorithm = "maml")
    {
        double[] errors = [.. Enumerable.Range(0, 3).Select(seed =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            ImageShape input = new(1, 16, 16);
            RunOptions options = Options(algorithm, model, filters, ways: 3, shots, queries: 2, steps: 2, targetLength: 0);
            ParameterVector theta = Perturbed(new TaskShape(input, 0, TrainingClasses: 7).Schema(options).Initialize(seed), seed);
            EpisodeExamples examples = Examples(input, 3, shots, 2, seed, targetLength: 0, constant: null);
            double[] exact = Sums<double>();
            return Math.Sqrt(exact.Zip(Sums<float>(), (a, b) => (a - b) * (a - b)).Sum() / exact.Sum(value => value * value));

            double[] Sums<T>()
                where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
            {
                IModel network = options.ModelSpec(input, 3).CreateModel(Convolution.Products);
                using LayeredMaml<T> layered = LayeredMaml<T>.Of(options, options.CreateAlgorithm(new DatasetCatalog("random", input, [], "")), network, input, theta.Layout)!;
                layered.Begin(theta, iteration: 3);
                layered.Add(examples);
                return layered.Sums<double>();
            }
        }).Order()];
        Assert.True(errors[1] < 3e-4, string.Join(", ", errors));
    }

    /// <summary>What the learner of a run measures, both ways: adaptation, transductive and inductive batch norm.</summary>
    [Theory]
    [InlineData("maml", "conv4-stride")]
    [InlineData("anil", "conv4")]
    [InlineData("meta-sgd", "mlp")]
    [InlineData("boil", "cnn")]
    [InlineData("maml++", "conv4")]
    [InlineData("maml++", "cnn")]
    [InlineData("imaml", "conv4-stride")]
    public void Evaluate_EveryStep_MeasuresWhatGraphsMeasure(string algorithm, string model)
    {
        PatternDataset dataset = new(classes: 60);
        OptionValues given = OptionValues.Of(("algorithm", algorithm), ("model", model), ("ways", 3), ("shots", 2), ("queries", 4), ("inner_lr", 0.2), ("filters", model is "mlp" or "cnn" ? null : 5));
        StepEvaluation[][] measures = [.. new[] { (RunOptions.Batched, ComputeDevice.Cpu), (RunOptions.Unbatched, ComputeDevice.Cpu), (RunOptions.Batched, SideBySide.Device) }.Select(way =>
        {
            RunOptions options = given.With(("batching", way.Item1)).Resolve();
            Assert.Equal(way.Item1, options.Batching);
            using EpisodeLearner learner = EpisodeLearner.Create(options, dataset, device: way.Item2);
            return learner.Evaluate(FirstParameters.Of(options, dataset, seed: 3), dataset.EpisodeAt(1, options.EpisodeShape), 3, everyStep: true).Steps.ToArray();
        })];
        Assert.Equal(4, measures[0].Length);
        foreach ((StepEvaluation expected, StepEvaluation measured) in measures[1].Concat(measures[1]).Zip(measures[0].Concat(measures[2])))
        {
            Assert.Equal(expected.InnerSteps, measured.InnerSteps);
            Assert.Equal(expected.QueryLoss, measured.QueryLoss, 1e-4);
            Assert.Equal(expected.InductiveQueryLoss, measured.InductiveQueryLoss, 1e-4);
            Assert.Equal(expected.TransductiveAccuracyFraction, measured.TransductiveAccuracyFraction);
            Assert.Equal(expected.InductiveAccuracyFraction, measured.InductiveAccuracyFraction);
        }
    }

    [Theory]
    [InlineData("off", "maml", "conv4-stride", null, false)]
    [InlineData("auto", "maml", "conv4-stride", null, true)]
    [InlineData("3", "maml", "conv4-stride", null, true)]
    [InlineData("auto", "maml", "conv4-stride", "adam", false)]
    [InlineData("auto", "maml", "cnn", null, true)]
    [InlineData("auto", "maml++", "conv4", null, true)]
    [InlineData("auto", "maml++", "text-cnn", null, false)]
    [InlineData("auto", "imaml", "mlp", null, true)]
    [InlineData("auto", "imaml", "mlp", "momentum", false)]
    [InlineData("auto", "maml", "resnet12", null, false)]
    [InlineData("auto", "maml", "hog-conv4", null, false)]
    [InlineData("auto", "protonet", "conv4", null, false)]
    public void IsLayered_Batching_HoldsWhereItCan(string batching, string algorithm, string model, string? optimizer, bool expected)
    {
        RunOptions options = OptionValues.Of(("batching", batching), ("algorithm", algorithm), ("model", model), ("inner_optimizer", optimizer)).Resolve();
        Assert.Equal((batching, expected), (options.Batching, options.IsLayered));
    }

    private static Gen<string> OneOf(params string[] names) => Gen.Int[0, names.Length - 1].Select(i => names[i]);

    private static void AssertEqual(
        string algorithm, string model, InputShape input, int filters, int ways, int shots, int queries, int steps, int seed, int targetLength, float? constant = null, double tolerance = 1e-10)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        RunOptions options = Options(algorithm, model, filters, ways, shots, queries, steps, targetLength);
        DatasetCatalog catalog = new("random", input, [], "") { TargetLength = targetLength };
        var shape = new TaskShape(input, targetLength, TrainingClasses: 7);
        ParameterSchema schema = shape.Schema(options);
        ParameterVector theta = Perturbed(schema.Initialize(seed), seed);
        EpisodeExamples examples = Examples(input, ways, shots, queries, seed, targetLength, constant);
        IModel network = options.ModelSpec(input, shape.Outputs(options)).CreateModel(Convolution.Products);
        IMetaAlgorithm through = options.CreateAlgorithm(catalog);

        using LayeredMaml<double> layered = new(((ILayeredModel)network).Layers, input, schema.Layout, ((ILayeredAlgorithm)through).LayeredLoop(network)!);
        int iteration = 1 + seed % 6; // of those of the first order and of the loss after every step, and later ones
        layered.Begin(theta, iteration);
        double loss = layered.Add(examples);
        double[] sums = layered.Sums<double>();

        MetaGradient expected = through.Differentiate(
            ParameterTensors.Leaves(theta, torch.float64),
            new EpisodeProblem(network, Tensors(examples), targetLength > 0 ? Loss.MeanSquaredError : Loss.MeanCrossEntropy), iteration);
        double[] exact = [.. expected.Gradient.SelectMany(tensor => tensor.contiguous().data<double>().ToArray())];
        Assert.Equal(expected.QueryLoss.item<double>(), loss, 1e-10);
        double norm = Math.Sqrt(exact.Sum(value => value * value));
        double error = Math.Sqrt(exact.Zip(sums, (a, b) => (a - b) * (a - b)).Sum());
        Assert.True(error <= tolerance * norm, $"seed {seed}: the difference has norm {error:e2}, the gradient {norm:e2}");

        // The same episode with another one, side by side.
        EpisodeExamples second = Examples(input, ways, shots, queries, seed + 50, targetLength, constant);
        double secondLoss = layered.Add(second);
        TaskMaml tasks = new(((ILayeredModel)network).Layers, input, schema.Layout, ((ILayeredAlgorithm)through).LayeredLoop(network), torch.CPU, torch.float64);
        using IDisposable noGradient = torch.no_grad();
        (torch.Tensor[] gradient, torch.Tensor losses, _) = tasks.Differentiate(ParameterTensors.Leaves(theta, torch.float64), tasks.Load([examples, second]), iteration);
        Assert.Equal(loss, losses[0].item<double>(), 1e-10);
        Assert.Equal(secondLoss, losses[1].item<double>(), 1e-10);
        double[] both = layered.Sums<double>();
        double[] sideBySide = [.. gradient.SelectMany(tensor => tensor.contiguous().data<double>().ToArray())];
        double apart = Math.Sqrt(both.Zip(sideBySide, (a, b) => (a - b) * (a - b)).Sum());
        Assert.True(apart <= tolerance * Math.Sqrt(both.Sum(value => value * value)), $"seed {seed}: side by side the difference has norm {apart:e2}");
    }

    private static RunOptions Options(string algorithm, string model, int filters, int ways, int shots, int queries, int steps, int targetLength) => OptionValues.Of(
        ("algorithm", algorithm), ("model", model), ("ways", targetLength > 0 ? null : ways), ("shots", shots), ("queries", queries),
        ("filters", filters == 0 ? null : filters), ("hidden", model == "mlp" ? "7,6" : null), ("inner_lr", model == "cnn" ? 0.02 : 0.3), ("inner_steps", steps),
        ("first_order_iterations", algorithm == "maml++" ? 2 : null), ("multi_step_iterations", algorithm == "maml++" ? 4 : null)).Resolve();

    private static EpisodeExamples Examples(InputShape input, int ways, int shots, int queries, int seed, int targetLength, float? constant)
    {
        return new(input, targetLength, Set(ways * shots, shots, 1), Set(ways * queries, queries, 2));

        ExampleSet Set(int count, int ofClass, int purpose)
        {
            float[] inputs = [.. RandomTensors.Gaussian(purpose + 10 * seed, count, input.Length).data<double>().Select(value => constant ?? (float)value)];
            return new(
                inputs, targetLength > 0 ? [] : [.. Enumerable.Range(0, count).Select(i => (long)(i / ofClass))],
                targetLength > 0 ? [.. RandomTensors.Gaussian(purpose + 10 * seed + 5, count, targetLength).data<double>().Select(value => (float)value)] : []);
        }
    }

    // Shifts and gains of batch norm away from 0 and 1, and a head that matters.
    private static ParameterVector Perturbed(ParameterVector theta, int seed)
    {
        float[] values = theta.Values.ToArray();
        double[] noise = [.. RandomTensors.Gaussian(77 + seed, values.Length).data<double>()];
        return new ParameterVector(theta.Layout, [.. values.Select((value, i) => value + 0.1f * (float)noise[i])]);
    }

    private static EpisodeTensors Tensors(EpisodeExamples examples)
    {
        EpisodeTensors tensors = EpisodeTensors.Of(examples);
        torch.Tensor Targets(torch.Tensor targets) => examples.TargetLength > 0 ? targets.to(torch.float64) : targets;
        return new(
            tensors.SupportInputs.to(torch.float64), Targets(tensors.SupportTargets), tensors.QueryInputs.to(torch.float64), Targets(tensors.QueryTargets));
    }
}
