using MetaMap.Cli.Hosting;

namespace MetaMap.Cli.Tests.Hosting;

public sealed class SecretsTests
{
    [Theory]
    [InlineData("Host=db;Password=secret;Username=m", "host=db;password=***;username=m")]
    [InlineData("Host=db;PWD = secret", "host=db;pwd=***")]
    [InlineData("Host=db;SSL Password=secret;psw=secret", "host=db;ssl password=***;psw=***")]
    [InlineData("Password=secret;;=", "***")]
    [InlineData("postgres://m:secret@db/metamap", "***")]
    public void Masked_APassword_IsNotInIt(string text, string shown) => Assert.Equal(shown, Secrets.Masked(text));

    [Theory]
    [InlineData("Host=db;Database=metamap")]
    [InlineData("/home/passat/runs")]
    [InlineData("https://10.0.0.5:8080")]
    public void Masked_None_IsTheSame(string text) => Assert.Equal(text, Secrets.Masked(text));
}
