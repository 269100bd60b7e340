using MetaMap.Core;
using MetaMap.Learning.Models;
using MetaMap.Learning.Problems;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Aggregation;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Tests.Models;

/// <summary>Second derivatives of every network against central differences of its first, in float64, with a smooth activation.</summary>
public sealed class SecondOrderTests
{
    private const double Epsilon = 1e-6;

    public static TheoryData<string> Names => [.. PartRegistry.Models.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_OfTheGradient_AgreesWithFiniteDifferences(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        ModelSpec spec = SmallNetworks.Spec(name);
        IModel model = SmallNetworks.Smooth(spec);
        torch.Tensor[] theta = RandomTensors.Leaves(model.Schema.Layout, seed: 7);
        torch.Tensor[] direction = RandomTensors.Leaves(model.Schema.Layout, seed: 500);
        torch.Tensor inputs = SmallNetworks.Inputs(spec.Input, 3, 6);
        torch.Tensor labels = torch.arange(6).remainder(3);

        torch.Tensor Slope(bool keepGraph)
        {
            torch.Tensor loss = Loss.MeanCrossEntropy.Mean(model.Forward(theta, inputs, ForwardPass.Transductive), labels);
            IList<torch.Tensor> gradient = torch.autograd.grad([loss], [.. theta], retain_graph: keepGraph, create_graph: keepGraph);
            return gradient.Zip(direction, (g, d) => (g * d.detach()).sum()).Aggregate(TensorArithmetic.Plus);
        }

        IList<torch.Tensor> exact = torch.autograd.grad([Slope(keepGraph: true)], [.. theta]);
        var random = DeterministicRandom.For("places", 5);
        double difference = 0;
        double size = 0;
        int places = theta.Length > 20 ? 1 : 3;
        for (int tensor = 0; tensor < theta.Length; tensor++)
        {
            for (int i = 0; i < places; i++)
            {
                long place = random.NextInt((int)theta[tensor].numel());
                torch.Tensor value = theta[tensor].detach().flatten()[place];
                double slope = exact[tensor].flatten()[place].item<double>();
                RandomTensors.Move(value, Epsilon);
                double above = Slope(keepGraph: false).item<double>();
                RandomTensors.Move(value, -2 * Epsilon);
                double below = Slope(keepGraph: false).item<double>();
                RandomTensors.Move(value, Epsilon);
                difference += Math.Pow(slope - (above - below) / (2 * Epsilon), 2);
                size += slope * slope;
            }
        }

        Assert.True(size > 0, "all second derivatives are zero");
        Assert.True(Math.Sqrt(difference / size) < 1e-6, $"relative error {Math.Sqrt(difference / size):e2}");
    }
}
