using MetaMap.Core.Options;
using MetaMap.Core.Parameters;
using MetaMap.Data;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Learning.Tests.Models;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Kernels;

/// <summary>
/// Meta-gradients in float32, as training computes them on this machine, against float64: two of three episodes must be near,
/// because a maximum that falls the other way moves a single one. The networks have smooth activations and small inner
/// rates for the same reason. The numbers of support images and filters are those that kernels of some processors were
/// wrong for.
/// </summary>
[Trait("Category", "Slow")]
[Collection(Alone.Name)]
public sealed class Float32Tests
{
    private const int Episodes = 3;
    // Wrong kernels are off by 5e-2 and more. What reptile reports is a difference of weights, rounded to float32: 1e-4 of it.
    private const double Tolerance = 3e-4;

    private static readonly int[] _supports = [1, 5, 16, 17, 20, 25, 100];
    private static readonly int[] _filters = [8, 20, 32, 48, 64];

    public static TheoryData<string, int, int> SizesOfEveryNetwork
    {
        get
        {
            var data = new TheoryData<string, int, int>();
            foreach (int support in _supports)
            {
                foreach (int filters in _filters)
                {
                    data.Add("conv4-stride", support, filters);
                }

                data.Add("conv4", support, _filters[support % 5]);
                data.Add("cnn", support, 32);
                data.Add("text-cnn", support, 20);
                data.Add("mlp", support, 20);
                data.Add("ratings-mlp", support, 20);
            }

            foreach (int support in (int[])[1, 5, 16, 25])
            {
                data.Add("resnet12", support, _filters[support % 2]);
            }

            return data;
        }
    }

    public static TheoryData<string, string, int, int> EveryAlgorithm
    {
        get
        {
            var data = new TheoryData<string, string, int, int>();
            string[] algorithms = [.. PartRegistry.Algorithms.Names.Where(name => name != "maml"), "feature-offset:gradient"];
            string[] models = ["conv4-stride", "conv4", "resnet12", "cnn", "text-cnn", "mlp", "ratings-mlp", "text-ngrams", "hog-conv4"];
            // Every algorithm with every other model.
            for (int a = 0; a < algorithms.Length; a++)
            {
                for (int m = a % 2; m < models.Length; m += 2)
                {
                    bool isLarge = models[m] == "resnet12";
                    int support = _supports[isLarge ? 3 + (a % 3) : 1 + ((a + m) % 6)];
                    data.Add(
                        algorithms[a], models[m], algorithms[a] == "protonet" && support == 17 ? 25 : support, // it needs classes
                        models[m] == "cnn" ? 32 : _filters[isLarge ? 0 : (a + m) % 5]);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(SizesOfEveryNetwork))]
    public void Maml_AnyNumberOfImagesAndFilters_EqualsFloat64(string model, int support, int filters) =>
        EveryOtherAlgorithm_EqualsFloat64("maml", model, support, filters);

    [Theory]
    [MemberData(nameof(EveryAlgorithm))]
    public void EveryOtherAlgorithm_EqualsFloat64(string algorithm, string model, int support, int filters)
    {
        int ways = support % 5 == 0 ? 5 : support == 16 ? 4 : 1;
        string[] named = algorithm.Split(':');
        bool isRegression = ways == 1 || algorithm is "pretrain" or "supervised" || (model == "ratings-mlp" && algorithm != "protonet"); // one class alone has no loss, and these need a dataset's classes
        RunOptions options = OptionValues.Of(("algorithm", named[0]), ("offset_solver", named.Length > 1 ? named[1] : null), ("model", model), ("ways", isRegression ? null : ways), ("filters", model is "conv4" or "conv4-stride" or "hog-conv4" or "resnet12" or "text-cnn" ? filters : null), ("hidden", model is "mlp" or "ratings-mlp" ? "20,25" : null), ("buckets", 40), ("shots", isRegression ? support : support / ways), ("queries", 1), ("inner_lr", model == "resnet12" ? 0.005 : 0.05), ("inner_steps", 2), ("inner_optimizer", "sgd")).WithoutUnread().Resolve();
        InputShape input = model switch
        {
            "text-cnn" or "text-ngrams" => InputShape.Tokens(12, 256),
            "mlp" => InputShape.Vector(30),
            "ratings-mlp" => InputShape.Tokens(1, 256),
            "conv4-stride" => new ImageShape(1, 8, 8),
            _ => new ImageShape(1, 16, 16),
        };
        DatasetCatalog catalog = new("random", input, [], "") { TargetLength = isRegression ? 2 : 0 };
        // Of resnet12, with its four maxima of sixteen convolutions, most episodes have one that falls the other way; wrong kernels were off by 3E-2 in all.
        int needed = model == "resnet12" ? 1 : 2;
        List<double[]> errors = [];
        // By the kernels that are chosen here, and by matrix products, which another processor may choose.
        bool IsNear(int way) => errors.Count(pair => pair[way] < Tolerance) >= needed;
        while (errors.Count < Episodes && !(IsNear(0) && IsNear(1)))
        {
            errors.Add(Errors(options, catalog, support, ways, seed: errors.Count));
        }

        Assert.True(IsNear(0) && IsNear(1), $"relative errors {string.Join("; ", errors.Select(pair => $"{pair[0]:e1} and {pair[1]:e1}"))}");
    }

    private static double[] Errors(RunOptions options, DatasetCatalog catalog, int support, int ways, int seed)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var shape = new TaskShape(catalog.Input, catalog.TargetLength, TrainingClasses: 7);
        ParameterSchema schema = shape.Schema(options);
        ModelSpec spec = options.ModelSpec(catalog.Input, shape.Outputs(options));
        int query = catalog.IsRegression ? 5 : ways;
        Convolution chosen = KernelChooser.OfThisMachine.Choose(spec, support, query, support + query).Convolution;
        torch.Tensor exact = Flat(Gradient(Convolution.Products, torch.float64));
        torch.Tensor Flat(torch.Tensor[] tensors) => torch.cat([.. tensors.Select(tensor => tensor.detach().flatten().to(torch.float64))]);
        return [.. new[] { chosen, Convolution.Products }.Select(
            way => (Flat(Gradient(way, torch.float32)) - exact).norm().item<double>() / exact.norm().item<double>())];

        torch.Tensor[] Gradient(Convolution convolution, torch.ScalarType dtype)
        {
            torch.Tensor[] theta = ParameterTensors.Leaves(schema.Initialize(seed), dtype);
            torch.Tensor Inputs(int count, long purpose) => SmallNetworks.Inputs(catalog.Input, purpose, count).to(torch.float32).to(dtype);
            torch.Tensor Targets(long count, long purpose) => catalog.IsRegression
                ? RandomTensors.Gaussian(purpose, count, catalog.TargetLength).to(torch.float32).to(dtype) : torch.arange(count).remainder(ways);
            EpisodeProblem problem = new(
                SmallNetworks.Smooth(spec, convolution),
                new EpisodeTensors(Inputs(support, 10 + seed), Targets(support, 20 + seed), Inputs(query, 30 + seed), Targets(query, 40 + seed)),
                catalog.IsRegression ? Loss.MeanSquaredError : Loss.MeanCrossEntropy);
            return [.. options.CreateAlgorithm(catalog).Differentiate(theta, problem, 1).Gradient];
        }
    }
}
