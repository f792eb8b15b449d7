// esbuild's text loader: a style sheet is a string.
declare module "*.css" {
  const text: string;
  export default text;
}
