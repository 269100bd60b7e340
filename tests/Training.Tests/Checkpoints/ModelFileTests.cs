using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Core.Safetensors;
using MetaMap.Data;
using MetaMap.Testing;
using MetaMap.Training.Checkpoints;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Checkpoints;

public sealed class ModelFileTests
{
    private static readonly ModelFile _model = new("some run", 4, TinyRun.Options, TaskShape.Of(TinyRun.Options, TinyRun.Catalog), CheckpointTests.Trained(4).Parameters);
    private static readonly SafetensorsContent _content = SafetensorsReader.Read(_model.ToSafetensors(), "test");

    [Fact]
    public void FromSafetensors_AModel_IsEqual()
    {
        Assert.Equal(_model, ModelFile.FromSafetensors(_content, "test"));
        Assert.Equal(_model.Parameters.Sha256, _content.Metadata["model_sha256"]);
        Assert.Equal("metamap-model", _content.Metadata["format"]);
    }

    [Fact]
    public void FromSafetensors_AModelThatNamesItsData_IsEqual()
    {
        ModelFile named = _model with { Data = new TrainingData("ab", ["a", "\"b\""], [], ["ç"]) };
        ModelFile read = ModelFile.FromSafetensors(SafetensorsReader.Read(named.ToSafetensors(), "test"), "test");
        Assert.Equal(named, read);
        Assert.NotEqual(_model, read);
        Assert.Null(_model.Data);
    }

    [Fact]
    public void FromSafetensors_AModelThatNamesItsInputs_IsEqual()
    {
        TrainingData data = new("ab", ["a"], [], []);
        foreach (InputNames inputs in (InputNames[])[InputNames.OfItems(["1", "Æon"]), InputNames.OfColumns([new("age", [], true), new("sex", ["", "F"], false)])])
        {
            ModelFile named = _model with { Data = data with { Inputs = inputs } };
            Assert.Equal(named, ModelFile.FromSafetensors(SafetensorsReader.Read(named.ToSafetensors(), "test"), "test"));
            Assert.NotEqual(_model with { Data = data }, named);
        }
    }

    [Theory]
    [InlineData("""{"items":null,"columns":[]}""")]
    [InlineData("""{"columns":[]}""")]
    [InlineData("""{"items":[],"columns":[{"name":"a"}]}""")]
    public void FromSafetensors_NamesThatAreNotWhole_AreRefused(string inputs)
    {
        var damaged = _content with { Metadata = _content.Metadata.SetItem("data", $$"""{"digest":"ab","train":[],"validation":[],"test":[],"inputs":{{inputs}}}""") };
        Assert.Contains("is damaged: what it says about its data", Assert.Throws<DataException>(() => ModelFile.FromSafetensors(damaged, "test")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OpenSafetensors_ReadFromAnywhere_IsTheFile()
    {
        byte[] file = SafetensorsWriter.Write(_content);
        Assert.Equal(file, _model.ToSafetensors());
        using Stream stream = _model.OpenSafetensors();
        Assert.Equal(file.Length, stream.Length);
        foreach (int start in new[] { 0, 5, file.Length - 7, file.Length })
        {
            stream.Position = start;
            using MemoryStream rest = new();
            stream.CopyTo(rest, bufferSize: 11);
            Assert.Equal(file[start..], rest.ToArray());
        }

        stream.Seek(9, SeekOrigin.End);
        Assert.Equal(0, stream.Read(new byte[1]));
    }

    [Theory]
    [InlineData("run_id", null, "not a MetaMap model")]
    [InlineData("options", null, "not a MetaMap model")]
    [InlineData("iteration", "four", "not a MetaMap model")]
    [InlineData("input", "1x28", "not a MetaMap model")]
    [InlineData("input", "1x0x28", "not a MetaMap model")]
    [InlineData("input", "1x99999x28", "not a MetaMap model")]
    [InlineData("input", null, "not a MetaMap model")]
    [InlineData("target_length", "-1", "not a MetaMap model")]
    [InlineData("training_classes", "many", "not a MetaMap model")]
    [InlineData("options", "{\"width\":3}", "options that this version does not know")]
    [InlineData("options", "{\"model\":\"resnet\"}", "options that this version does not know")]
    [InlineData("options", "{\"filters\":2000000000}", "options that this version does not know")]
    [InlineData("options", "{\"ways\":5}", "does not fit: tensor 'conv1.weight' is F32 [1, 1, 3, 3], expected F32 [64, 1, 3, 3]")]
    [InlineData("data", "{\"digest\":", "damaged: what it says about its data")]
    [InlineData("data", "null", "damaged: what it says about its data")]
    [InlineData("data", "{\"digest\":null}", "damaged: what it says about its data")]
    [InlineData("data", "{\"digest\":\"ab\"}", "damaged: what it says about its data")]
    [InlineData("model_sha256", "0", "damaged")]
    [InlineData("model_sha256", null, "damaged")]
    public void FromSafetensors_BadMetadata_IsRefusedWithReason(string key, string? value, string reason)
    {
        ImmutableDictionary<string, string> metadata = value is null ? _content.Metadata.Remove(key) : _content.Metadata.SetItem(key, value);
        string message = Assert.Throws<DataException>(() => ModelFile.FromSafetensors(_content with { Metadata = metadata }, "m.safetensors")).Message;
        Assert.Contains("m.safetensors", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void FromSafetensors_MissingTensor_IsRefused() => Assert.Contains("'head.bias' is missing", Assert.Throws<DataException>(() =>
        ModelFile.FromSafetensors(_content with { Tensors = _content.Tensors.RemoveAll(tensor => tensor.Name == "head.bias") }, "x")).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_FileThatIsNoSafetensors_IsRefused()
    {
        using var folder = new TemporaryDirectory();
        File.WriteAllText(folder["m.txt"], "hello, this is text");
        Assert.Contains("is not a usable safetensors file", Assert.Throws<DataException>(() => ModelFile.Read(folder["m.txt"])).Message, StringComparison.Ordinal);
    }
}
