// Draws nuclei as points on a graphics card, from the columns as they came.
import type { Nuclei } from "./columns";
import type { Painter, View } from "./painting";

type Colours = readonly (readonly [number, number, number, number])[];

const VERTEX = `#version 300 es
in float x; in float y; in float kind;
uniform vec4 place; uniform vec2 middle; uniform float size; uniform vec4 colours[6];
flat out vec4 colour; flat out float dotted; flat out float breadth;
void main() {
  gl_Position = vec4((vec2(x, y) - middle) * place.xy + place.zw, 0.0, 1.0);
  gl_PointSize = size;
  breadth = size;
  int k = int(kind);
  colour = colours[k];
  dotted = (k >= 1 && k <= 3) ? 1.0 : 0.0;
}`;
const FRAGMENT = `#version 300 es
precision mediump float;
flat in vec4 colour; flat in float dotted; flat in float breadth;
out vec4 shown;
void main() {
  if (breadth >= 7.0) {
    float far = length(gl_PointCoord - 0.5) * breadth;
    float radius = breadth / 2.0;
    bool ring = far <= radius && far >= radius - max(1.5, breadth / 9.0);
    if (!ring && !(dotted > 0.5 && far <= breadth / 7.0)) discard;
  }
  shown = vec4(colour.rgb * colour.a, colour.a);
}`;

export class WebglPainter implements Painter {
  readonly way = "webgl";
  private readonly _kinds: WebGLBuffer;

  /** None where there is no WebGL 2 here. */
  static open(nuclei: Nuclei, kinds: Uint8Array, colours: Colours): WebglPainter | null {
    const canvas = document.createElement("canvas");
    const gl = canvas.getContext("webgl2", { antialias: false, premultipliedAlpha: true });
    const program = gl && built(gl);
    return gl && program ? new WebglPainter(canvas, gl, program, nuclei, kinds, colours) : null;
  }

  private constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly gl: WebGL2RenderingContext,
    private readonly program: WebGLProgram,
    private readonly nuclei: Nuclei,
    kinds: Uint8Array,
    colours: Colours,
  ) {
    gl.useProgram(program);
    this._column("x", nuclei.x, gl.FLOAT);
    this._column("y", nuclei.y, gl.FLOAT);
    this._kinds = this._column("kind", kinds, gl.UNSIGNED_BYTE);
    const flat = colours.flatMap((colour) => colour.map((one) => one / 255));
    gl.uniform4fv(gl.getUniformLocation(program, "colours"), flat);
  }

  recolour(kinds: Uint8Array): void {
    this.gl.bindBuffer(this.gl.ARRAY_BUFFER, this._kinds);
    this.gl.bufferSubData(this.gl.ARRAY_BUFFER, 0, kinds);
  }

  clear(): void {
    this.gl.clear(this.gl.COLOR_BUFFER_BIT);
  }

  paint(view: View, size: number): void {
    const { gl, canvas } = this;
    const [width, height] = [Math.round(view.width), Math.round(view.height)];
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      gl.viewport(0, 0, width, height);
    }
    // The middle is taken away first: 24 bits of a card's number are too few for a slide's width.
    const middle = [view.left + width / view.scale / 2, view.top + height / view.scale / 2] as const;
    this.clear();
    gl.uniform2f(this._at("middle"), ...middle);
    gl.uniform4f(this._at("place"), (2 * view.scale) / width, (-2 * view.scale) / height, 0, 0);
    gl.uniform1f(this._at("size"), Math.max(1, Math.min(64, Math.round(size))));
    gl.drawArrays(gl.POINTS, 0, this.nuclei.count);
  }

  /** What one picture of all nuclei takes, waiting until it is there. */
  milliseconds(): number {
    const right = this.nuclei.x.reduce((most, one) => Math.max(most, one), 1);
    const view: View = { left: 0, top: 0, scale: 800 / right, width: 800, height: 600 };
    const seen = new Uint8Array(4);
    let took = Infinity;
    for (let turn = 0; turn < 3; turn++) {
      const before = performance.now();
      this.paint(view, 2);
      this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, seen);
      took = Math.min(took, performance.now() - before);
    }
    return took;
  }

  close(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private _at(name: string): WebGLUniformLocation | null {
    return this.gl.getUniformLocation(this.program, name);
  }

  private _column(name: string, values: Float32Array | Uint8Array, kind: number): WebGLBuffer {
    const { gl } = this;
    const buffer = gl.createBuffer();
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, values, gl.DYNAMIC_DRAW);
    const place = gl.getAttribLocation(this.program, name);
    gl.enableVertexAttribArray(place);
    gl.vertexAttribPointer(place, 1, kind, false, 0, 0);
    return buffer;
  }
}

function built(gl: WebGL2RenderingContext): WebGLProgram | null {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]] as const) {
    const shader = gl.createShader(kind);
    if (!shader) return null;
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  return gl.getProgramParameter(program, gl.LINK_STATUS) ? program : null;
}
