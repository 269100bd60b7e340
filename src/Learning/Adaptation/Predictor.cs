using System.Collections.Immutable;
using System.Runtime.InteropServices;
using MetaMap.Core;
using MetaMap.Learning.Algorithms;
using MetaMap.Learning.Devices;
using MetaMap.Learning.Kernels;
using MetaMap.Learning.Models;
using MetaMap.Learning.Native;
using MetaMap.Learning.Tensors;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Adaptation;

/// <summary>An adapted model that is ready to predict. Not safe for several threads at once.</summary>
public sealed class Predictor : IDisposable
{
    private readonly AdaptedFile _file;
    private readonly IModel _model;
    private readonly FixedNetwork _network;
    private readonly torch.Device _device;
    private readonly List<torch.Tensor> _tensors = [];

    /// <summary>Loads a model.</summary>
    /// <param name="file">The model.</param>
    /// <param name="device">Where it is computed; null for the processor.</param>
    /// <exception cref="DataException">Its statistics or other tensors do not fit its network.</exception>
    /// <exception cref="NativeLibraryException">libtorch cannot be loaded.</exception>
    public Predictor(AdaptedFile file, ComputeDevice? device = null)
    {
        TorchRuntime.Initialize();
        TorchRuntime.UseOneThread();
        (_file, _device) = (file, (device ?? ComputeDevice.Cpu).Torch);
        ModelSpec spec = file.Spec;
        _model = spec.CreateModel(KernelChooser.OfThisMachine.OfProducts.Choose(spec, 1).Convolution);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] statistics = [.. file.Statistics.Select(values => Held(Tensor(values)))];
        _network = new FixedNetwork(
            [.. ParameterTensors.Leaves(file.Network, torch.float32, _device).Select(leaf => Held(leaf.detach()))],
            [.. statistics.Chunk(2).Where(pair => pair.Length == 2).Select(pair => (pair[0], pair[1]))])
        {
            Modulation = file.Modulation.IsEmpty ? null : Held(Tensor(file.Modulation).unsqueeze(0)), IsCosine = file.IsCosine,
            SkipWeight = file.SkipWeight.IsEmpty ? null : Held(Tensor(file.SkipWeight).reshape(spec.Outputs, -1)),
        };
        RequireFit();
    }

    /// <summary>Predicts each input by itself.</summary>
    /// <param name="inputs">One input after the other, in the model's own form and units.</param>
    /// <returns>For each input the probability of each label, or the predicted values in the units of the files.</returns>
    public ImmutableArray<ImmutableArray<float>> Predict(float[] inputs)
    {
        TorchRuntime.UseOneThread();
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        torch.Tensor batch = torch.empty([inputs.Length / _file.Input.Length, .. _file.Input.Sizes.Select(size => (long)size)], dtype: torch.float32);
        MemoryMarshal.AsBytes(inputs.AsSpan()).CopyTo(batch.bytes);
        torch.Tensor outputs = _network.Predict(_model, batch.to(_device));
        torch.Tensor answers = (_file.TargetLength > 0 ? outputs : outputs.softmax(1)).cpu().contiguous();
        float[][] each = [.. MemoryMarshal.Cast<byte, float>(answers.bytes).ToArray().Chunk((int)answers.shape[1])];
        if (_file.TargetLength > 0 && _file.Data?.Scales is { } scales)
        {
            Array.ForEach(each, values => scales.UnscaleTarget(values));
        }

        return [.. each.Select(values => ImmutableArray.Create(values))];
    }

    /// <inheritdoc />
    public void Dispose() => _tensors.ForEach(tensor => tensor.Dispose());

    private void RequireFit()
    {
        try
        {
            Predict(new float[_file.Input.Length]);
        }
        catch (Exception error) when (error is ExternalException or ArgumentOutOfRangeException or InvalidOperationException)
        {
            Dispose();
            throw new DataException($"The adapted model of run {_file.RunId} does not fit its network: adapt again, or fetch it again.", error);
        }
    }

    private torch.Tensor Held(torch.Tensor tensor)
    {
        _tensors.Add(tensor.DetachFromDisposeScope());
        return tensor;
    }

    private torch.Tensor Tensor(ImmutableArray<float> values) => torch.tensor(values.ToArray(), device: _device);
}
