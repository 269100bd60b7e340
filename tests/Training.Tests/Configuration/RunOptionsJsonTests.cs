using CsCheck;
using MetaMap.Core;
using MetaMap.Core.Options;
using MetaMap.Testing;
using MetaMap.Training.Configuration;

namespace MetaMap.Training.Tests.Configuration;

public sealed class RunOptionsJsonTests
{
    /// <summary>A run that was begun when there was no such option goes on to the same bits.</summary>
    [Fact]
    public void ReadStored_OptionsOfAVersionBefore_KeepsTheirBits()
    {
        Assert.Equal(RunOptions.Unbatched, RunOptionsJson.ReadStored("{}", "config.json").Batching);
        Assert.Equal(RunOptions.Batched, RunOptionsJson.ReadStored(RunOptionsJson.Write(RunOptionsJson.Read("{}", "x")), "config.json").Batching);
    }

    [Fact]
    public void Read_WrittenOptions_AreEqual() =>
        Gen.Select(Gen.Int[2, 50], Gen.Int[1, 50], Gen.Double[0, 10], Gen.Double[1e-9, 1].Nullable(), Gen.Long, Gen.Bool).Repeatable().Sample((ways, shots, innerLr, final, seed, sgd) =>
        {
            RunOptions options = OptionValues.Of(("dataset", "omniglot"), ("split", "official"), ("ways", ways), ("shots", shots), ("inner_lr", innerLr), ("meta_lr_final", final), ("seed", seed), ("meta_optimizer", sgd ? "sgd" : "adam"), ("algorithm", "fomaml"), ("model", "cnn")).Resolve();
            Assert.Equal(options, RunOptionsJson.Read(RunOptionsJson.Write(options), "test"));
        }, iter: 200);

    [Fact]
    public void Read_AbsentKeys_KeepTheirDefaults()
    {
        Assert.Equal(OptionValues.None.Resolve(), RunOptionsJson.Read("{}", "test"));
        Assert.Equal(OptionValues.Of(("meta_lr_final", null), ("ways", 20)).Resolve(), RunOptionsJson.Read("""{"ways":20,"meta_lr_final":null,"dataset":null}""", "test"));
    }

    [Fact]
    public void Write_Defaults_NamesEveryOptionInSnakeCase()
    {
        string json = RunOptionsJson.Write(OptionValues.None.Resolve());
        foreach (string key in new[] { "dataset", "split", "ways", "shots", "queries", "algorithm", "model", "filters", "inner_lr", "inner_steps", "eval_inner_steps", "meta_lr", "meta_optimizer", "meta_batch", "block", "iterations", "seed", "eval_episodes" })
        {
            Assert.Contains($"\"{key}\": ", json, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"inner_learning_rate":0.4}""", "my.json has the unknown key 'inner_learning_rate';")]
    [InlineData("""{"\ud800":5}""", "my.json is no text: it holds half of a Unicode character")]
    [InlineData("""{"Ways":5}""", "my.json has the unknown key 'Ways';")]
    [InlineData("""{"ways":"five"}""", "my.json is not valid JSON for run options at 'ways';")]
    [InlineData("""{"ways":5.5}""", "my.json is not valid JSON for run options at 'ways';")]
    [InlineData("""{"ways":99999999999}""", "my.json is not valid JSON for run options at 'ways';")]
    [InlineData("""{"inner_lr":"0,05"}""", "my.json is not valid JSON for run options at 'inner_lr' (write a point for decimals and nothing between thousands, such as 0.05 or 1000, without quotes);")]
    [InlineData("""{"iterations":"1.000"}""", "my.json is not valid JSON for run options at 'iterations' (write a point")]
    [InlineData("""{"inner_lr":0,05,"ways":5}""", "my.json is not valid JSON for run options (write a point for decimals and nothing between thousands, such as 0.05 or 1000);")]
    [InlineData("""{"ways":""", "my.json is not valid JSON for run options")]
    [InlineData("", "my.json is not valid JSON for run options")]
    [InlineData("[]", "my.json is not valid JSON for run options")]
    [InlineData("null", "my.json holds no run options")]
    [InlineData("""{"ways":2,"ways":3}""", "my.json is not valid JSON for run options")]
    [InlineData("""{"ways":1}""", "--ways is 1")]
    [InlineData("""{"hidden":"40"}""", "--hidden is given")]
    public void Read_BadJson_IsRefusedInOneSentence(string json, string reason)
    {
        string message = Assert.Throws<ConfigurationException>(() => RunOptionsJson.Read(json, "my.json")).Message;
        Assert.StartsWith(reason, message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", message, StringComparison.Ordinal);
        Assert.DoesNotContain("System.", message, StringComparison.Ordinal);
    }
}
